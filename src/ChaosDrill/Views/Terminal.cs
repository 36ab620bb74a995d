namespace ChaosDrill.Views;

/// <summary>What standard output and standard error can do.</summary>
internal sealed class Terminal
{
    private const int SmallestWidth = 40;
    private const int SmallestHeight = 12;

    /// <summary>The process's own.</summary>
    public static Terminal Current { get; } = new();

    /// <summary>Results go here.</summary>
    public TextWriter Out { get; } = Console.Out;

    /// <summary>Errors, and progress where results must stay by themselves.</summary>
    public TextWriter Error { get; } = Console.Error;

    /// <summary>Whether text on standard output may be coloured.</summary>
    public bool Colors { get; } = !Console.IsOutputRedirected && !IsPlain;

    /// <summary>Whether standard output can show a live view.</summary>
    public bool CanShowLive => Colors && Width >= SmallestWidth && Height >= SmallestHeight;

    /// <summary>Columns, now; it changes when the window does.</summary>
    public static int Width => Size(() => Console.WindowWidth, 80);

    /// <summary>Lines, now.</summary>
    public static int Height => Size(() => Console.WindowHeight, 24);

    private static bool IsPlain =>
        Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 } || Environment.GetEnvironmentVariable("TERM") is null or "" or "dumb";

    /// <summary>Writes a line to standard output.</summary>
    public void Write(StyledLine line) => Out.WriteLine(line.Render(int.MaxValue, Colors).TrimEnd());

    /// <summary>Writes lines to standard output.</summary>
    public void Write(IEnumerable<StyledLine> lines)
    {
        foreach (var line in lines)
        {
            Write(line);
        }
    }

    private static int Size(Func<int> ask, int otherwise)
    {
        try
        {
            return ask() is > 0 and var size ? size : otherwise;
        }
        catch (Exception e) when (e is IOException or PlatformNotSupportedException)
        {
            return otherwise;
        }
    }
}
