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

    /// <inheritdoc />
    public override IEnumerable<OptionProblem> Check()
    {
        if (!Uri.TryCreate(Url, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
        {
            yield return new OptionProblem("url", "this is no http or https address", "write http://HOST:PORT/PATH");
        }

        if (ExpectStatus is < 100 or > 599)
        {
            yield return new OptionProblem("expectStatus", "an HTTP status lies between 100 and 599", "write expectStatus: 200");
        }
    }
}
