using System.Text.RegularExpressions;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Restores.RestoredChecks;

/// <summary>A question that a scenario puts to what was restored. What does not hold fails the drill; what cannot be asked leaves it inconclusive.</summary>
public sealed record RestoredCheck
{
    /// <summary>What it is called in views and reports.</summary>
    public required string Name { get; init; }

    /// <summary>Runs a command in a restored pod.</summary>
    public CommandCheck? Exec { get; init; }

    /// <summary>Asks a restored service by HTTP.</summary>
    public ServiceCheck? Http { get; init; }

    /// <summary>Compares the SHA-256 of a file in a restored pod, such as one in its volume.</summary>
    public FileCheck? Checksum { get; init; }

    /// <summary>What is wrong with a list of checks.</summary>
    internal static IEnumerable<OptionProblem> Check(IReadOnlyList<RestoredCheck> checks) => checks.SelectMany((check, i) => check.Check($"checks[{i}]"));

    private IEnumerable<OptionProblem> Check(string field)
    {
        if ((Exec is null ? 0 : 1) + (Http is null ? 0 : 1) + (Checksum is null ? 0 : 1) != 1)
        {
            yield return new OptionProblem(field, "a check asks one thing", "write exec: {...}, or http: {...}, or checksum: {...}");
        }

        foreach (var problem in (Exec?.Check($"{field}.exec") ?? []).Concat(Http?.Check($"{field}.http") ?? []).Concat(Checksum?.Check($"{field}.checksum") ?? []))
        {
            yield return problem;
        }
    }
}

/// <summary>Runs a command in a ready restored pod, the first by name, without a shell. Exit code 0 is well.</summary>
public sealed record CommandCheck
{
    /// <summary>Labels of the pods, as kubectl takes them.</summary>
    public required string Selector { get; init; }

    /// <summary>The container; needed where a pod has several.</summary>
    public string? Container { get; init; }

    /// <summary>Program and arguments, handed over one by one.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>What it is to print, without white space around it. What it prints instead is shown only where it is a number.</summary>
    public string? EqualTo { get; init; }

    /// <summary>The least number that it may print, such as a count of rows.</summary>
    public int? AtLeast { get; init; }

    /// <summary>How long it may take, 1s to 24h.</summary>
    [Between("1s", "24h")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(1);

    internal IEnumerable<OptionProblem> Check(string field)
    {
        foreach (var problem in Programs.HostCommand.Check($"{field}.command", Command, needed: true))
        {
            yield return problem;
        }

        if (EqualTo is not null && AtLeast is not null)
        {
            yield return new OptionProblem(field, "what is printed is compared in one way", "write equalTo or atLeast");
        }
    }
}

/// <summary>Asks a restored service by HTTP: through the API server, or from inside a restored pod.</summary>
public sealed record ServiceCheck
{
    /// <summary>The service.</summary>
    [DnsLabel]
    public required string Service { get; init; }

    /// <summary>Its port.</summary>
    [Between("1", "65535")]
    public required int Port { get; init; }

    /// <summary>Path and query.</summary>
    public string Path { get; init; } = "/";

    /// <summary>What the answer must contain.</summary>
    public string? Contains { get; init; }

    /// <summary>
    /// Labels of a restored pod to ask from, with its <c>wget</c>. Without it the API server asks, which the closed scratch
    /// namespace may keep out on some networks.
    /// </summary>
    public string? From { get; init; }

    internal IEnumerable<OptionProblem> Check(string field)
    {
        if (!Path.StartsWith('/'))
        {
            yield return new OptionProblem($"{field}.path", "a path begins with /", "write path: /" + Path);
        }

        if (From is not null && string.IsNullOrWhiteSpace(From))
        {
            yield return new OptionProblem($"{field}.from", "an empty selector matches every pod of the namespace", "name a label, such as app=storefront");
        }
    }
}

/// <summary>Compares the SHA-256 of a file in a ready restored pod, read there with <c>sha256sum</c>.</summary>
public sealed partial record FileCheck
{
    /// <summary>Labels of the pods, as kubectl takes them.</summary>
    public required string Selector { get; init; }

    /// <summary>The container; needed where a pod has several.</summary>
    public string? Container { get; init; }

    /// <summary>The file.</summary>
    public required string File { get; init; }

    /// <summary>Its SHA-256, as 64 hexadecimal digits.</summary>
    public required string Sha256 { get; init; }

    internal IEnumerable<OptionProblem> Check(string field)
    {
        if (!File.StartsWith('/'))
        {
            yield return new OptionProblem($"{field}.file", "a file is named by its whole path", "write file: /" + File);
        }

        if (!Hash.IsMatch(Sha256))
        {
            yield return new OptionProblem($"{field}.sha256", "a SHA-256 is 64 hexadecimal digits", $"take it from: kubectl exec POD -- sha256sum {File}");
        }
    }

    [GeneratedRegex("^[0-9a-fA-F]{64}$")]
    private static partial Regex Hash { get; }
}
