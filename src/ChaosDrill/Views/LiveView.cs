using System.Text;
using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Views;

/// <summary>Draws the board on the terminal's second screen, several times a second, and gives the first one back whatever happens.</summary>
/// <remarks>The second screen makes a change of the window's size harmless: every frame is drawn from the top left corner.</remarks>
internal sealed class LiveView : IDrillView
{
    private const string Enter = "\e[?1049h\e[?25l";
    private const string Leave = "\e[?25h\e[?1049l";

    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(125);

    private readonly TextWriter _output;
    private readonly TimeProvider _clock;
    private readonly Lock _lock = new();
    private readonly Queue<(TimelineEntry Entry, long Timestamp)> _arrived = new();
    private readonly Lock _screen = new();
    private LiveBoard? _board;
    private ITimer? _timer;
    private (TimeSpan At, long Timestamp)? _latest;
    private bool _entered;

    /// <summary>Prepares a view.</summary>
    /// <param name="output">The terminal.</param>
    /// <param name="clock">The real clock, which frames are drawn by.</param>
    public LiveView(TextWriter output, TimeProvider clock)
    {
        (_output, _clock) = (output, clock);
        AppDomain.CurrentDomain.ProcessExit += OnExit;
    }

    /// <inheritdoc />
    public void Begin(DrillHeader header)
    {
        lock (_screen)
        {
            _board = new LiveBoard(header);
            _entered = true;
            _output.Write(Enter);
            _output.Flush();
        }

        _timer = _clock.CreateTimer(_ => Draw(), null, TimeSpan.Zero, Frame);
    }

    /// <inheritdoc />
    public void Show(TimelineEntry entry)
    {
        lock (_lock)
        {
            _arrived.Enqueue((entry, _clock.GetTimestamp()));
        }
    }

    /// <summary>Gives the first screen back at once; nothing is drawn any more.</summary>
    public void Restore()
    {
        lock (_screen)
        {
            _board = null;
            if (_entered)
            {
                _entered = false;
                _output.Write(Leave);
                _output.Flush();
            }
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        if (_timer is not null)
        {
            await _timer.DisposeAsync();
        }

        Restore();
    }

    private void OnExit(object? sender, EventArgs e) => Restore();

    private void Draw()
    {
        // A frame that takes longer than its time is followed by the next one, not met by it.
        if (!_screen.TryEnter())
        {
            return;
        }

        try
        {
            if (_board is null)
            {
                return;
            }

            TakeArrived();
            var now = _latest is { } latest ? latest.At + _clock.GetElapsedTime(latest.Timestamp) : TimeSpan.Zero;
            var (width, height) = (Terminal.Width, Terminal.Height);
            var frame = new StringBuilder("\e[H");
            var lines = _board.Draw(now, width, height);
            for (var i = 0; i < lines.Count; i++)
            {
                frame.Append(lines[i].Render(width, colors: true)).Append("\e[K").Append(i < lines.Count - 1 ? "\r\n" : "");
            }

            _output.Write(frame.Append("\e[J").ToString());
            _output.Flush();
        }
        catch (Exception e)
        {
            // A view that cannot draw must not take the drill with it, which still has something to undo.
            Restore();
            Console.Error.WriteLine($"the live view ended: {e.Message}");
        }
        finally
        {
            _screen.Exit();
        }
    }

    private void TakeArrived()
    {
        while (true)
        {
            (TimelineEntry Entry, long Timestamp) next;
            lock (_lock)
            {
                if (!_arrived.TryDequeue(out next))
                {
                    return;
                }
            }

            _board!.Apply(next.Entry);

            // The instants of samples lie back by their answer time; the clock shown never runs backwards for them.
            if (_latest is not { } latest || next.Entry.At >= latest.At + _clock.GetElapsedTime(latest.Timestamp, next.Timestamp))
            {
                _latest = (next.Entry.At, next.Timestamp);
            }
        }
    }
}
