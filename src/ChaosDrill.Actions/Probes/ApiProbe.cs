using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Probes;

/// <summary>Asks the API server itself. A good answer is a success; a refused connection, silence or a server error is a failure.</summary>
public sealed record ApiProbe : ProbeTarget
{
    /// <summary>Path that is read, one of the server's own.</summary>
    public string Path { get; init; } = "/readyz";

    /// <summary>The one status that is a success, 200 to 599, instead of any good answer: <c>404</c> for what must not be there.</summary>
    [Between("200", "599")]
    public int? ExpectStatus { get; init; }

    /// <inheritdoc />
    public override IEnumerable<OptionProblem> Check()
    {
        if (!Path.StartsWith('/'))
        {
            yield return new OptionProblem("path", "a path begins with a slash", "write path: /readyz");
        }
    }
}
