namespace ChaosDrill.Actions.Velero;

/// <summary>Many things in one line: the first ten, and how many more there are.</summary>
internal static class Enumeration
{
    private const int Shown = 10;

    public static string Of(IEnumerable<string> what, string none = "")
    {
        var all = what.ToList();
        return all.Count == 0 ? none : string.Join(", ", all.Take(Shown)) + (all.Count > Shown ? $" and {all.Count - Shown} more" : "");
    }
}
