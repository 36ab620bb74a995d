namespace ChaosDrill.Twin.Api;

/// <summary>A request, whichever way it came.</summary>
/// <param name="Method">GET, POST and so on.</param>
/// <param name="Path">Decoded segments are taken from this raw path.</param>
/// <param name="RawQuery">The parameters as they came, with or without the question mark.</param>
internal sealed record ApiRequest(string Method, string Path, string RawQuery)
{
    /// <summary>Decoded parameters; the last of a name wins.</summary>
    public IReadOnlyDictionary<string, string> Query { get; } = Parameters(RawQuery).GroupBy(p => p.Name).ToDictionary(g => g.Key, g => g.Last().Value, StringComparer.Ordinal);

    public string Accept { get; init; } = "";

    public string ContentType { get; init; } = "";

    public string UserAgent { get; init; } = "";

    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Who asks.</summary>
    public TwinUser User { get; init; } = TwinUser.Admin;

    /// <summary>Whom the sender wants to act as.</summary>
    public Access.Impersonation? Impersonation { get; init; }

    public string? Param(string name) => Query.GetValueOrDefault(name);

    /// <summary>Every value of a parameter that may be repeated.</summary>
    public string[] All(string name) => [.. Parameters(RawQuery).Where(p => p.Name == name).Select(p => p.Value)];

    public bool Flag(string name) => Param(name) is "true" or "1";

    /// <summary>The name under which changes are recorded: the parameter, or the program's own name.</summary>
    public string FieldManager
    {
        get
        {
            if (Param("fieldManager") is { Length: > 0 } named)
            {
                return named;
            }

            var end = UserAgent.IndexOfAny(['/', ' ']);
            var program = end < 0 ? UserAgent : UserAgent[..end];
            return program.Length == 0 ? "unknown" : program;
        }
    }

    private static IEnumerable<(string Name, string Value)> Parameters(string query)
    {
        foreach (var pair in query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var at = pair.IndexOf('=', StringComparison.Ordinal);
            yield return (Decode(at < 0 ? pair : pair[..at]), at < 0 ? "" : Decode(pair[(at + 1)..]));
        }
    }

    private static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}
