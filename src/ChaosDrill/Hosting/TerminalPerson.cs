using ChaosDrill.Engine.Ports;
using ChaosDrill.Twin;

namespace ChaosDrill.Hosting;

/// <summary>The person at this process's terminal.</summary>
internal sealed class TerminalPerson(TextReader input) : IPerson
{
    private static readonly TerminalPerson _atConsole = new(Console.In);

    /// <summary>A line that was waited for when a question was withdrawn is the answer to the next one, not lost.</summary>
    private Task<string?>? _reading;

    /// <summary>Who can answer in a drill on a clock: nobody where standard input is no terminal, or time does not wait for people.</summary>
    public static IPerson For(TimeProvider clock) => clock is VirtualClock || Console.IsInputRedirected ? new Nobody() : _atConsole;

    /// <inheritdoc />
    public async Task<bool> AskAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            _reading ??= Task.Run(input.ReadLine, CancellationToken.None);
            var line = await _reading.WaitAsync(cancellationToken);
            _reading = null;
            switch (line?.Trim().ToUpperInvariant())
            {
                case "Y" or "YES":
                    return true;
                case "N" or "NO":
                    return false;
                case null:
                    return await new Nobody().AskAsync(cancellationToken);
            }
        }
    }
}
