using ChaosDrill.Kubernetes;
using ChaosDrill.Model;

namespace ChaosDrill.Actions.Velero;

/// <summary>A command in one ready pod of a namespace, the first by name, without a shell.</summary>
/// <param name="Selector">Labels of the pods.</param>
/// <param name="Container">The container; null for a pod's only one.</param>
/// <param name="Words">The program and its arguments.</param>
internal sealed record PodCommand(string Selector, string? Container, params IReadOnlyList<string> Words)
{
    private const int Quoted = 200;

    /// <summary>What it reads.</summary>
    public ReadOnlyMemory<byte>? Input { get; init; }

    /// <summary>How long it may take.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The pod that it runs in; null when none is ready.</summary>
    public static async Task<Pod?> PodAsync(KubernetesClient client, string ns, string selector, CancellationToken cancellationToken) =>
        (await client.ListAsync(Resources.Pods, ns, new ListOptions { LabelSelector = selector }, cancellationToken)).Items
            .Where(p => p.IsReady && !p.IsTerminating).MinBy(p => p.Metadata.Name, StringComparer.Ordinal);

    /// <summary>Runs it to its end. That it could not run says nothing of its subject.</summary>
    public async Task<PodAnswer> RunAsync(KubernetesClient client, string ns, CancellationToken cancellationToken)
    {
        try
        {
            if (await PodAsync(client, ns, Selector, cancellationToken) is not { } pod)
            {
                return PodAnswer.None($"no ready pod in namespace {ns} matches {Selector}");
            }

            var options = new ExecOptions { Command = Words, Container = Container, Input = Input, TimeLimit = Limit };
            var result = await client.ExecAsync(ns, pod.Metadata.Name!, options, cancellationToken);
            var said = result.Error.Trim() is { Length: > 0 } error ? ": " + error[..Math.Min(Quoted, error.Length)] : "";
            return result switch
            {
                // What a shell and the runtimes answer when a program is not there, or is none.
                { ExitCode: 126 or 127 } => PodAnswer.None($"{Words[0]} could not be run in pod {pod.Metadata.Name}{said}"),
                { ExitCode: { } code } => new PodAnswer(code, result.Output, $"{Words[0]} in pod {pod.Metadata.Name} ended with exit code {code}{said}", null),
                { End: ExecEnd.TimedOut } => PodAnswer.None($"{Words[0]} in pod {pod.Metadata.Name} did not end within {GoDuration.Format(Limit)}; it may still be running"),
                _ => PodAnswer.None($"the connection to pod {pod.Metadata.Name} was lost before {Words[0]} ended"),
            };
        }
        catch (Exception e) when (e is ApiException or ApiUnreachableException)
        {
            return PodAnswer.None(e.Message);
        }
    }
}

/// <summary>What became of a command in a pod.</summary>
/// <param name="ExitCode">Null when it could not run to its end.</param>
/// <param name="Output">What it printed; may hold secrets.</param>
/// <param name="Ending">How it ended, in words, without what it printed.</param>
/// <param name="Trouble">Why it could not run; null when it ran.</param>
internal sealed record PodAnswer(int? ExitCode, string Output, string Ending, string? Trouble)
{
    public static PodAnswer None(string trouble) => new(null, "", "", trouble);
}
