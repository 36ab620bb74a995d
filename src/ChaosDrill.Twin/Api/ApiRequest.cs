namespace ChaosDrill.Twin.Api;

/// <summary>A request, whichever way it came.</summary>
/// <param name="Method">GET, POST and so on.</param>
/// <param name="Path">Decoded segments are taken from this raw path.</param>
/// <param name="Query">Decoded parameters; the last of a name wins.</param>
internal sealed record ApiRequest(string Method, string Path, IReadOnlyDictionary<string, string> Query)
{
    public string Accept { get; init; } = "";

    public string ContentType { get; init; } = "";

    public string UserAgent { get; init; } = "";

    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Who asks.</summary>
    public TwinUser User { get; init; } = TwinUser.Admin;

    /// <summary>Whom the sender wants to act as.</summary>
    public Access.Impersonation? Impersonation { get; init; }

    public string? Param(string name) => Query.GetValueOrDefault(name);

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

    public static Dictionary<string, string> ParseQuery(string query)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var at = pair.IndexOf('=', StringComparison.Ordinal);
            var name = at < 0 ? pair : pair[..at];
            var value = at < 0 ? "" : pair[(at + 1)..];
            found[Decode(name)] = Decode(value);
        }

        return found;
    }

    private static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}
