using ChaosDrill.Engine.Ports;
using ChaosDrill.Engine.Sampling;
using ChaosDrill.Model.Measures;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Engine.Drills;

/// <summary>The ledger of one repetition: begun before the first step, read back after the last, removed.</summary>
internal sealed class LedgerRun(ILedger ledger, LedgerSpec spec, int iteration, UndoLedger undos, DrillTimeline timeline, TimeProvider clock) : IAsyncDisposable
{
    /// <summary>How long the first entry may take to be acknowledged, and the whole to be read back.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    /// <summary>One attempt to read it back.</summary>
    private static readonly TimeSpan _attempt = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stop = new();
    private LedgerWriter? _writer;
    private Task _writing = Task.CompletedTask;
    private UndoRecord? _undo;

    /// <summary>Begins to write, and waits until the first entry is acknowledged: a ledger that cannot write would see no loss.</summary>
    /// <exception cref="ClusterException">None was.</exception>
    public async Task BeginAsync(CancellationToken cancellationToken)
    {
        var (kind, description, payload) = ledger.WayBack;
        _undo = undos.Record(PlannedStep.Ledger, kind, description, payload, lasts: null);
        _writer = new LedgerWriter(ledger, spec, iteration, _undo, timeline, clock);
        _writing = _writer.RunAsync(_stop.Token);
        await Waiting.ForAsync(_writer.FirstAcknowledged, _patience, clock, cancellationToken);
        if (!_writer.FirstAcknowledged.IsCompleted)
        {
            throw new ClusterException($"no entry of the ledger {ledger.Summary} was acknowledged within {_patience.TotalSeconds:0} s, so that no loss could be told; no step was begun");
        }
    }

    /// <summary>Stops writing, reads back what is there, says what is lost, and removes the entries.</summary>
    public async Task EndAsync(CancellationToken cancellationToken)
    {
        await StopAsync();
        var read = await ReadAsync(cancellationToken);
        timeline.Record(read);
        var entries = timeline.Entries;
        var fault = entries.Where(e => e.Event is FaultRequested requested && requested.Iteration == iteration).Select(e => (TimeSpan?)e.At).Min();
        IReadOnlyList<TimeSpan> effects = [.. entries.Where(e => e.Event is FaultTookEffect effect && effect.Iteration == iteration).Select(e => e.At)];
        var loss = LedgerLoss.Of(iteration, spec.Every, _writer!.Entries, read, fault, effects);
        timeline.Record(new Note($"ledger: {loss.Acknowledged} entries acknowledged, {loss.Refused} refused, {loss.Unanswered} without an answer"));
        timeline.Record(new FigureMeasured(PlannedStep.Ledger, FigureNames.LostEntries, MeasureUnit.Count, loss.Entries));
        timeline.Record(new FigureMeasured(PlannedStep.Ledger, FigureNames.DataLoss, MeasureUnit.Seconds, loss.Time));
        timeline.Record(new FigureMeasured(PlannedStep.Ledger, FigureNames.WriteOutage, MeasureUnit.Seconds, loss.WriteOutage));
        await undos.GoAsync(_undo!);
    }

    /// <summary>Stops writing; what is under way comes to its end.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private Task StopAsync()
    {
        _stop.Cancel();
        return _writing;
    }

    private async Task<LedgerRead> ReadAsync(CancellationToken cancellationToken)
    {
        var begin = clock.GetTimestamp();
        while (true)
        {
            string why;
            using (var limit = new CancellationTokenSource(_attempt, clock))
            using (var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token))
            {
                try
                {
                    var found = await ledger.ReadAsync(either.Token);
                    return new LedgerRead(iteration, NumberRange.Of(found.Where(e => _writer!.IsOwn(e.Key, e.Value)).Select(e => e.Key)));
                }
                catch (ClusterException e)
                {
                    why = e.Message;
                }
                catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
                {
                    why = $"no answer within {_attempt.TotalSeconds:0} s";
                }
            }

            if (clock.GetElapsedTime(begin) >= _patience)
            {
                return new LedgerRead(iteration, null, why);
            }

            await Task.Delay(_pause, clock, cancellationToken);
        }
    }
}
