namespace ChaosDrill.Twin;

/// <summary>How an API server that is away looks to its clients.</summary>
public enum ApiOutage
{
    /// <summary>Requests and watches stay open and nothing comes, as behind a partition.</summary>
    Hang,

    /// <summary>Connections are refused and open watches end, as after a crash.</summary>
    Refuse,
}
