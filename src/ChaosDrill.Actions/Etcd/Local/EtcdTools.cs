using System.Text.RegularExpressions;
using ChaosDrill.Actions.Etcd.Client;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Plans;

namespace ChaosDrill.Actions.Etcd.Local;

/// <summary>The programs of etcd on this machine, with the versions that they say they are.</summary>
/// <param name="Server"><c>etcd</c>; null when it is not there.</param>
/// <param name="Ctl"><c>etcdctl</c>; null when it is not there.</param>
/// <param name="Utl"><c>etcdutl</c>, which 3.5 brought and 3.6 needs; null when it is not there.</param>
internal sealed partial record EtcdTools(EtcdTool? Server, EtcdTool? Ctl, EtcdTool? Utl)
{
    /// <summary>From 3.6 on etcdctl does not restore any more.</summary>
    private static readonly Version _withoutRestore = new(3, 6);

    /// <summary>The program that restores snapshots; null when there is none.</summary>
    public EtcdTool? Restorer => Utl ?? (Ctl?.Version < _withoutRestore ? Ctl : null);

    /// <summary>Looks the programs up and asks each for its version.</summary>
    /// <param name="folder">Where they are; null looks in PATH.</param>
    /// <param name="clock">For the limit.</param>
    /// <param name="cancellationToken">Stops asking.</param>
    public static async Task<EtcdTools> FindAsync(string? folder, TimeProvider clock, CancellationToken cancellationToken) => new(
        await FindAsync(folder, "etcd", "--version", clock, cancellationToken),
        await FindAsync(folder, "etcdctl", "version", clock, cancellationToken),
        await FindAsync(folder, "etcdutl", "version", clock, cancellationToken));

    /// <summary>What is to be said when programs and servers are not of one minor version, within which alone etcd vouches for a restore; null when they are.</summary>
    /// <param name="all">Names and versions; those that are not known are left out.</param>
    public static string? Mixed(params IEnumerable<(string Name, Version? Version)> all)
    {
        var known = all.Where(p => p.Version is not null).ToList();
        return known.Select(p => (p.Version!.Major, p.Version.Minor)).Distinct().Count() < 2
            ? null
            : $"{string.Join(", ", known.Select(p => $"{p.Name} {p.Version}"))}: etcd vouches for a restore within one minor version only";
    }

    /// <summary>What is missing to start members and restore into them.</summary>
    public IEnumerable<Refusal> MissingToRestore()
    {
        if (Server is null)
        {
            yield return Missing("etcd", "start a scratch etcd", "etcd-server");
        }

        if (Restorer is null)
        {
            yield return Ctl is null
                ? Missing("etcdutl or etcdctl", "restore a snapshot", "etcd-client")
                : new Refusal(RefusalKind.Missing, $"etcdctl {Ctl.Version} does not restore snapshots any more, and there is no etcdutl", "install the etcdutl of the same version (it comes in etcd's release archive and in the package etcd-client)");
        }
    }

    /// <summary>What is missing to take a snapshot.</summary>
    public IEnumerable<Refusal> MissingToSave()
    {
        if (Ctl is null)
        {
            yield return Missing("etcdctl", "take a snapshot", "etcd-client");
        }
    }

    private static Refusal Missing(string program, string why, string package) => new(
        RefusalKind.Missing, $"the program {program} is not there; it is needed to {why}",
        $"install the package {package} (apt-get install {package}), or name the folder of etcd's programs with bin:");

    private static async Task<EtcdTool?> FindAsync(string? folder, string name, string version, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (ProgramPath.Find(folder is null ? name : Path.Combine(Path.GetFullPath(folder), name)) is not { } path)
        {
            return null;
        }

        var result = await new EtcdTool(path, new Version()).RunAsync([version], TimeSpan.FromSeconds(20), clock, null, cancellationToken);
        return Number().Match(result.Text) is { Success: true } number
            ? new EtcdTool(path, Version.Parse(number.Value))
            : throw new EtcdException($"{path} does not say which version it is: {EtcdTool.Said(result)}; is it etcd's own program?");
    }

    [GeneratedRegex(@"\d+\.\d+\.\d+")]
    private static partial Regex Number();
}

/// <summary>One program of etcd.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Version">Its version.</param>
internal sealed record EtcdTool(string Path, Version Version)
{
    private const int Quoted = 600;

    /// <summary>
    /// What makes a restored etcd go on far beyond the revisions that the lost one gave out, with the history before that gone:
    /// clients that remember a lost future are told so (https://etcd.io/docs/v3.6/op-guide/recovery). Empty where the version
    /// does not have it: API servers that were not restarted would go on serving what is lost.
    /// </summary>
    public IReadOnlyList<string> BumpArguments => Version >= _bumps35 || (Version >= _bumps34 && Version.Minor == 4 && Version.Major == 3)
        ? ["--bump-revision=1000000000", "--mark-compacted"]
        : [];

    private static readonly Version _bumps34 = new(3, 4, 27);

    private static readonly Version _bumps35 = new(3, 5, 10);

    /// <summary>Its name.</summary>
    public string Name => System.IO.Path.GetFileName(Path);

    /// <summary>etcd reads every flag from the environment as well; what is set there for others must not reach a drill.</summary>
    public static IReadOnlyDictionary<string, string?> Environment { get; } = System.Environment.GetEnvironmentVariables().Keys.Cast<string>()
        .Where(name => name.StartsWith("ETCD", StringComparison.Ordinal)).ToDictionary(name => name, _ => (string?)null);

    /// <summary>What a program wrote, as far as a message can hold it.</summary>
    public static string Said(ProgramResult result)
    {
        var text = (result.Errors.Trim() is { Length: > 0 } errors ? errors : result.Text.Trim()).ReplaceLineEndings(" ");
        return text.Length <= Quoted ? text : "..." + text[^Quoted..];
    }

    /// <summary>Runs it to its end.</summary>
    /// <exception cref="EtcdException">It could not be started.</exception>
    public async Task<ProgramResult> RunAsync(
        IReadOnlyList<string> arguments, TimeSpan limit, TimeProvider clock, string? mark, CancellationToken cancellationToken)
    {
        try
        {
            return await RunningProgram.RunAsync(
                new ProgramCall { Program = Path, Arguments = arguments, Environment = Environment, Timeout = limit, OwnSession = true, Mark = mark }, clock, cancellationToken);
        }
        catch (ProgramException e)
        {
            throw new EtcdException($"{Path} {e.Message}", null, e);
        }
    }
}
