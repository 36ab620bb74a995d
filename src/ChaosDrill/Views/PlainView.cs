using System.Threading.Channels;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Views;

/// <summary>One line for each event worth one, for logs, pipes and virtual time.</summary>
internal sealed class PlainView : IDrillView
{
    // Unbounded: a stuck reader of our output must not stop the drill, and a drill's lines are few.
    private readonly Channel<EventLine> _lines = Channel.CreateUnbounded<EventLine>(new UnboundedChannelOptions { SingleReader = true });
    private readonly TextWriter _output;
    private readonly bool _colors;
    private readonly Task _writing;
    private EventWords? _words;

    /// <summary>Writes to an output until disposed.</summary>
    public PlainView(TextWriter output, bool colors)
    {
        (_output, _colors) = (output, colors);

        // On the thread pool, away from a virtual clock: writing to a terminal is no part of the drill.
        _writing = Task.Run(WriteAsync);
    }

    /// <inheritdoc />
    public void Begin(DrillHeader header) => _words = new EventWords(header);

    /// <inheritdoc />
    public void Show(TimelineEntry entry)
    {
        if (_words?.Tell(entry) is { } line)
        {
            _lines.Writer.TryWrite(line);
        }
    }

    /// <summary>Returns when everything is written.</summary>
    public async ValueTask DisposeAsync()
    {
        _lines.Writer.TryComplete();
        await _writing;
    }

    /// <summary>An event as it is printed.</summary>
    internal static StyledLine Line(EventLine line) =>
        new StyledLine().Add(Clocks.Instant(line.At).PadLeft(10) + "  ", Tone.Faint).Add(line.Text, line.Tone);

    private async Task WriteAsync()
    {
        await foreach (var line in _lines.Reader.ReadAllAsync())
        {
            await _output.WriteLineAsync(Line(line).Render(int.MaxValue, _colors));
            await _output.FlushAsync();
        }
    }
}
