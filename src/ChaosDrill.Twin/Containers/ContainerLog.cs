namespace ChaosDrill.Twin.Containers;

/// <summary>What one run of a container wrote, the latest lines of it, and those who read on.</summary>
/// <remarks>Used inside the loop only.</remarks>
internal sealed class ContainerLog
{
    /// <summary>Lines that are kept; a kubelet rotates its files too.</summary>
    private const int Capacity = 1000;

    private readonly Queue<LogLine> lines = new();

    public event Action<LogLine>? Written;

    /// <summary>The container has ended: nothing more will come.</summary>
    public event Action? Ended;

    public IReadOnlyCollection<LogLine> Lines => lines;

    public void Write(DateTimeOffset at, string text)
    {
        var line = new LogLine(at, text);
        lines.Enqueue(line);
        if (lines.Count > Capacity)
        {
            lines.Dequeue();
        }

        Written?.Invoke(line);
    }

    public void End() => Ended?.Invoke();
}

/// <summary>One line of a log.</summary>
internal sealed record LogLine(DateTimeOffset At, string Text);
