using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Probes;

/// <summary>Asks a URL from where the drill runs. Redirects are answers like any other and not followed.</summary>
public sealed record HttpProbe : ProbeTarget
{
    /// <summary>What to GET: <c>http://</c> or <c>https://</c>. An answer from 200 to 399 is a success.</summary>
    public required string Url { get; init; }

    /// <summary>The one status that is a success, 100 to 599, instead of 200 to 399.</summary>
    public int? ExpectStatus { get; init; }

    /// <summary>Whether a certificate that cannot be verified is accepted.</summary>
    public bool InsecureSkipTlsVerify { get; init; }
}
