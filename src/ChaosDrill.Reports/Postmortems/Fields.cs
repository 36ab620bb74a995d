namespace ChaosDrill.Reports.Postmortems;

/// <summary>What a template is given: names with texts, numbers, truth values, lists and further fields; nothing else has members to reach.</summary>
internal sealed class Fields : Dictionary<string, object?>
{
    public Fields()
        : base(StringComparer.Ordinal)
    {
    }
}
