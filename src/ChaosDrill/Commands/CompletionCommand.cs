using System.CommandLine;
using ChaosDrill.Views;

namespace ChaosDrill.Commands;

/// <summary><c>chaosdrill completion</c>: scripts that let a shell ask this program what may come next.</summary>
internal static class CompletionCommand
{
    // The program completes commands, options, contexts and drill ids; where it knows nothing the shell offers files.
    private const string Bash =
        """
        # chaosdrill completion for bash. Load it with:  source <(chaosdrill completion bash)
        _chaosdrill() {
          local IFS=$'\n' line="${COMP_LINE:0:COMP_POINT}" current="${COMP_WORDS[COMP_CWORD]}"
          COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" "[suggest:${#line}]" "$line" 2>/dev/null)" -- "$current"))
        }
        complete -o default -F _chaosdrill chaosdrill ./chaosdrill
        """;

    private const string Zsh =
        """
        #compdef chaosdrill
        # chaosdrill completion for zsh. Load it with:  source <(chaosdrill completion zsh)
        _chaosdrill() {
          local line="${words[1,CURRENT]}"
          local -a offered
          offered=("${(@f)$("${words[1]}" "[suggest:${#line}]" "$line" 2>/dev/null)}")
          offered=("${(@)offered:#}")
          if (( ${#offered} )); then
            compadd -- "${offered[@]}"
          else
            _files
          fi
        }
        compdef _chaosdrill chaosdrill
        """;

    private const string Fish =
        """
        # chaosdrill completion for fish. Load it with:  chaosdrill completion fish | source
        function __chaosdrill_complete
          set -l line (commandline -cp)
          set -l words (commandline -opc)
          $words[1] "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
        end
        complete -c chaosdrill -a '(__chaosdrill_complete)'
        """;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new DrillCommand("completion", "Print a script that completes chaosdrill's commands in your shell.")
        {
            Examples =
            [
                ("bash, now and in every new shell", "echo 'source <(chaosdrill completion bash)' >> ~/.bashrc"),
                ("zsh", "source <(chaosdrill completion zsh)"),
                ("fish", "chaosdrill completion fish > ~/.config/fish/completions/chaosdrill.fish"),
            ],
        };
        foreach (var (shell, script) in new[] { ("bash", Bash), ("zsh", Zsh), ("fish", Fish) })
        {
            var forShell = new DrillCommand(shell, $"The script for {shell}.");
            forShell.SetAction(_ =>
            {
                Terminal.Current.Out.WriteLine(script);
                return (int)ExitCode.Pass;
            });
            command.Add(forShell);
        }

        return command;
    }
}
