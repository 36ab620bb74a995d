using ChaosDrill.Engine.Scenarios;
using ChaosDrill.Model.Scenarios;
using Xunit;

namespace ChaosDrill.Engine.Tests.Scenarios;

/// <summary>Which of the matching pods are killed.</summary>
public enum KillMode
{
    /// <summary>One of them.</summary>
    One,

    /// <summary>As many as <c>value</c> says.</summary>
    Fixed,

    /// <summary>The share that <c>value</c> says.</summary>
    Percent,

    /// <summary>All of them.</summary>
    All,
}

/// <summary>Kills pods.</summary>
public sealed record PodKill : StepAction
{
    /// <summary>Which pods may be killed.</summary>
    /// <example>app=storefront</example>
    public required string Selector { get; init; }

    /// <summary>How many of them are.</summary>
    public KillMode Mode { get; init; }

    /// <summary>How many, for the modes that need it.</summary>
    public Amount? Value { get; init; }

    /// <summary>How long the pods may take to end.</summary>
    [Between("0s", "10m")]
    public TimeSpan? GracePeriod { get; init; }

    public override IEnumerable<OptionProblem> Check()
    {
        if (Mode is KillMode.Fixed && Value is null)
        {
            yield return new OptionProblem("value", "mode fixed needs a number", "write value: 2");
        }
    }
}

/// <summary>Has nothing to set.</summary>
public sealed record Pause : StepAction;

/// <summary>Asks a service through the API server.</summary>
public sealed record ServiceProbe : ProbeTarget
{
    /// <summary>Name of the service.</summary>
    [DnsLabel]
    public required string Name { get; init; }

    /// <summary>Its port, by number or name.</summary>
    [OrNumber]
    public required string Port { get; init; }

    /// <summary>Path of the request.</summary>
    public string Path { get; init; } = "/";

    /// <summary>Whether it speaks HTTPS.</summary>
    public bool Tls { get; init; }

    public override IEnumerable<OptionProblem> Check() =>
        Path.StartsWith('/') ? [] : [new OptionProblem("path", "a path begins with /", "write path: /" + Path)];
}

/// <summary>Asks a URL.</summary>
public sealed record HttpProbe : ProbeTarget
{
    /// <summary>What is asked.</summary>
    public required string Url { get; init; }

    /// <summary>Status codes that count as an answer.</summary>
    [Between("100", "599")]
    public IReadOnlyList<int> Statuses { get; init; } = [200];

    /// <summary>Headers of the request.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();
}

/// <summary>The vocabulary of these tests, its reader, and the scenario of the design.</summary>
internal static class Kinds
{
    public static readonly ScenarioVocabulary Vocabulary = ScenarioVocabulary.BuiltIn.With(
        steps: new Dictionary<string, Type> { ["podKill"] = typeof(PodKill), ["pause"] = typeof(Pause) },
        probes: new Dictionary<string, Type> { ["service"] = typeof(ServiceProbe), ["http"] = typeof(HttpProbe) });

    public static readonly ScenarioReader Reader = new(Vocabulary);

    public const string Storefront =
        """
        # yaml-language-server: $schema=scenario.schema.json
        apiVersion: chaosdrill.dev/v1
        kind: Scenario
        metadata:
          name: storefront-pod-kill
          labels: { team: shop, disaster: application-failure }
        spec:
          description: One storefront pod dies. Shoppers must not notice.
          cluster: { namespace: shop }            # context: NAME for a real cluster
          twin: { nodes: 3, manifests: [twin/shop.yaml] }
          schedule: { cron: "0 3 * * *", timeZone: Europe/Berlin, missed: skip }
          guards:
            maxAffected: 34%                       # of the pods that the selector matches
            maxDuration: 10m
            abortWhen:
              - { probe: storefront, failingFor: 20s }
          probes:
            - name: storefront
              service: { name: storefront, port: 80, path: /healthz }   # through the API server's service proxy
              every: 100ms
              timeout: 1s
          steadyState:
            - workload: deployment/storefront
            - probe: storefront
          steps:
            - name: Kill one pod
              podKill: { selector: app=storefront, mode: one, gracePeriod: 0s }
            - awaitRecovery: { of: [deployment/storefront], stableFor: 10s, timeout: 3m }
          objectives:
            - recoveryTime: { of: deployment/storefront, atMost: 30s }
            - availability: { probe: storefront, atLeast: 99.5% }
            - longestOutage: { probe: storefront, atMost: 2s }
          repeat: 3

        """;

    /// <summary>The storefront scenario with one passage replaced.</summary>
    public static string With(string passage, string instead)
    {
        Assert.Contains(passage, Storefront, StringComparison.Ordinal);
        return Storefront.Replace(passage, instead, StringComparison.Ordinal);
    }

    public static Scenario Read(string text) => Reader.Read(text, "drill.yaml");

    /// <summary>The errors of a text as they are shown, without the name of the file.</summary>
    public static string[] Errors(string text)
    {
        var error = Assert.Throws<ScenarioException>(() => Read(text));
        return [.. error.Errors.Select(e => e.ToString()["drill.yaml:".Length..])];
    }

    /// <summary>The errors of the storefront scenario with one passage replaced.</summary>
    public static string[] ErrorsWith(string passage, string instead) => Errors(With(passage, instead));
}
