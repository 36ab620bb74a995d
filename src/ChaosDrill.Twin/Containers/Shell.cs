using System.Globalization;
using System.Text;

namespace ChaosDrill.Twin.Containers;

/// <summary>A shell as far as probes and kills need one: commands in a row, <c>&amp;&amp;</c>, <c>||</c>, quotes, variables, <c>exit</c>, output thrown away.</summary>
/// <remarks>What it does not know it refuses with exit code 2; it never guesses.</remarks>
internal static class Shell
{
    private static readonly Operator[] Operators =
    [
        new("&&", "&&"), new("||", "||"), new(";", ";"), new("\n", ";"),
        new(">/dev/null", ">"), new("> /dev/null", ">"), new("2>/dev/null", "2>"), new("2> /dev/null", "2>"),
    ];

    /// <summary>A piece of a script: a word, or an operator.</summary>
    private sealed record Token(string Text, bool IsOperator);

    public static async Task<int> RunAsync(Process process, string[] words)
    {
        var script = words is ["-c", var given, ..] ? given : words.Length == 0 ? await ReadAllAsync(process) : null;
        if (script is null)
        {
            return process.Complain($"sh: can't open '{words[0]}': No such file or directory", 2);
        }

        var code = 0;
        var run = true;
        var command = new List<string>();
        var (silent, mute) = (false, false);
        foreach (var (token, wrong) in Tokens(script, process, () => code).Append((new Token(";", true), null)))
        {
            if (wrong is not null)
            {
                return process.Complain($"sh: {wrong}: the twin's shell does not know it", 2);
            }

            if (!token.IsOperator)
            {
                command.Add(token.Text);
                continue;
            }

            switch (token.Text)
            {
                case ">":
                    silent = true;
                    continue;
                case "2>":
                    mute = true;
                    continue;
            }

            if (run && command is ["exit", ..])
            {
                return command.Count == 1 ? code : int.TryParse(command[1], NumberStyles.None, CultureInfo.InvariantCulture, out var asked) ? asked & 255
                    : process.Complain($"sh: exit: Illegal number: {command[1]}", 2);
            }

            if (run && command.Count > 0)
            {
                var inner = process with { Output = silent ? _ => { } : process.Output, Error = mute ? _ => { } : process.Error };
                code = await Programs.FindAsync(inner, command[0] == "exec" && command.Count > 1 ? [.. command[1..]] : [.. command])
                    ?? inner.Complain($"sh: {command[0]}: not found", 127);
            }

            run = token.Text switch { "&&" => code == 0, "||" => code != 0, _ => true };
            command.Clear();
            (silent, mute) = (false, false);
        }

        return code;
    }

    private static async Task<string> ReadAllAsync(Process process)
    {
        var text = new StringBuilder();
        while (await process.ReadAsync() is { } piece)
        {
            text.Append(Encoding.UTF8.GetString(piece.Span));
        }

        return text.ToString();
    }

    /// <summary>The pieces of a script, one after the other, so that variables hold what the commands before have left.</summary>
    private static IEnumerable<(Token Token, string? Wrong)> Tokens(string script, Process process, Func<int> code)
    {
        var word = new StringBuilder();
        var inWord = false;
        var quote = '\0';
        for (var at = 0; at < script.Length; at++)
        {
            var c = script[at];
            var operation = quote != '\0' ? null : Array.Find(Operators, o => (!inWord || !o.Text.Contains("/dev/null", StringComparison.Ordinal)) && script.AsSpan(at).StartsWith(o.Text, StringComparison.Ordinal));
            if (operation is not null || (quote == '\0' && char.IsWhiteSpace(c)))
            {
                if (inWord)
                {
                    yield return (new(word.ToString(), false), null);
                    word.Clear();
                    inWord = false;
                }

                if (operation is not null)
                {
                    yield return (new(operation.Means, true), null);
                    at += operation.Text.Length - 1;
                }

                continue;
            }

            inWord = true;
            if (quote == c)
            {
                quote = '\0';
            }
            else if (quote == '\0' && c is '\'' or '"')
            {
                quote = c;
            }
            else if (quote != '\'' && c == '\\' && at + 1 < script.Length)
            {
                word.Append(script[++at]);
            }
            else if (quote != '\'' && c == '$')
            {
                var name = script.AsSpan(at + 1).StartsWith("?") ? "?" : string.Concat(script.Skip(at + 1).TakeWhile(n => char.IsAsciiLetterOrDigit(n) || n == '_'));
                if (name.Length == 0)
                {
                    yield return (new("", false), "'$'");
                    yield break;
                }

                word.Append(name == "?" ? code().ToString(CultureInfo.InvariantCulture) : Programs.Environment(process).LastOrDefault(v => v.Name == name).Value);
                at += name.Length;
            }
            else if (c == '`' || (quote == '\0' && "|&<>()*{}#".Contains(c, StringComparison.Ordinal)))
            {
                yield return (new("", false), $"'{c}'");
                yield break;
            }
            else
            {
                word.Append(c);
            }
        }

        if (quote != '\0')
        {
            yield return (new("", false), "unterminated quoted string");
        }
        else if (inWord)
        {
            yield return (new(word.ToString(), false), null);
        }
    }

    private sealed record Operator(string Text, string Means);
}
