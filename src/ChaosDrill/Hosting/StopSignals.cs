using System.Runtime.InteropServices;

namespace ChaosDrill.Hosting;

/// <summary>Ctrl-C, SIGTERM and a closed terminal: the first asks for an orderly end, the second ends at once.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly Action<string> _first;
    private readonly Action _second;
    private int _count;

    /// <summary>Listens until disposed.</summary>
    /// <param name="first">Asks for an orderly end; is told which signal it was.</param>
    /// <param name="second">Ends the process.</param>
    public StopSignals(Action<string> first, Action second)
    {
        (_first, _second) = (first, second);
        foreach (var (signal, name) in new[] { (PosixSignal.SIGINT, "Ctrl-C"), (PosixSignal.SIGTERM, "SIGTERM"), (PosixSignal.SIGHUP, "SIGHUP") })
        {
            _registrations.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                Stop(name);
            }));
        }
    }

    /// <inheritdoc />
    public void Dispose() => _registrations.ForEach(r => r.Dispose());

    private void Stop(string name)
    {
        if (Interlocked.Increment(ref _count) == 1)
        {
            _first(name);
        }
        else
        {
            _second();
        }
    }
}
