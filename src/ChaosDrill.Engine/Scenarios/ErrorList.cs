using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Engine.Scenarios;

/// <summary>Gathers the errors of one file, and which of its fields are therefore in doubt.</summary>
internal sealed class ErrorList
{
    // Far more than anyone reads; keeps the memory small that a hostile file can take.
    public const int MostKept = 200;

    private readonly List<ScenarioError> kept = [];
    private readonly HashSet<string> doubtful = [];
    private int unlisted;

    /// <summary>Whether the text is not of the kind that a scenario is written in, so that nothing more can be said of it.</summary>
    public bool Unusable { get; private set; }

    public bool IsEmpty => kept.Count == 0;

    /// <summary>Whether more errors would only be counted.</summary>
    public bool IsFull => kept.Count >= MostKept;

    public void Add(string code, SourcePosition at, string path, string message, string mend) =>
        Add(new ScenarioError(code, at, path, Shown.Harmless(message), Shown.Harmless(mend)));

    public void Add(ScenarioError error)
    {
        if (IsFull)
        {
            unlisted++;
            return;
        }

        kept.Add(error);
        Doubt(error.Path);
    }

    public void AddUnusable(ScenarioError error)
    {
        Unusable = true;
        Add(error);
    }

    /// <summary>Says that the field may not be as it was meant; what is derived from it is not worth a message.</summary>
    public void Doubt(string path)
    {
        if (path.Length > 0)
        {
            doubtful.Add(path);
        }
    }

    /// <summary>Whether there is an error at this field, in it, or around it.</summary>
    public bool InDoubt(string path) =>
        IsFull || doubtful.Any(d => d == path || Contains(d, path) || Contains(path, d));

    public bool Has(string code, string path) => kept.Exists(e => e.Code == code && e.Path == path);

    /// <summary>Leaves only the errors at the given fields.</summary>
    public void KeepOnly(params string[] paths)
    {
        unlisted = 0;
        kept.RemoveAll(e => !paths.Contains(e.Path));
    }

    public ScenarioException ToException() =>
        new([.. kept.OrderBy(e => e.Source.Line).ThenBy(e => e.Source.Column)], unlisted);

    private static bool Contains(string outer, string inner) =>
        inner.Length > outer.Length && inner.StartsWith(outer, StringComparison.Ordinal) && inner[outer.Length] is '.' or '[';
}
