using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Hosting;

/// <summary>Which cluster a drill runs on.</summary>
/// <param name="Context">Context of the kubeconfig; null is the twin. A real cluster must be named.</param>
/// <param name="Kubeconfig">The file; null is where kubectl looks.</param>
internal sealed record ClusterChoice(string? Context, string? Kubeconfig)
{
    /// <summary>Whether it is the embedded cluster.</summary>
    public bool IsTwin => Context is null;

    /// <summary>Chooses by the command line first, then by the scenario.</summary>
    /// <exception cref="CommandException">A kubeconfig without a context: the current one is never taken, for it changes under people's hands.</exception>
    public static ClusterChoice Of(string? context, string? kubeconfig, Scenario scenario)
    {
        var named = context ?? scenario.Spec.Cluster.Context;
        if (named is null && kubeconfig is not null)
        {
            var known = ChaosDrill.Kubernetes.Kubeconfig.Load(kubeconfig).Contexts;
            throw new CommandException(
                ExitCode.BadUsage,
                $"--kubeconfig names a file but no cluster in it; add --context with one of: {(known.Count == 0 ? "(it has none)" : string.Join(", ", known))}");
        }

        return new ClusterChoice(named, kubeconfig);
    }

    /// <summary>Where the cluster is and who is asking.</summary>
    /// <exception cref="KubeconfigException">The file or the context cannot be used.</exception>
    public ClusterConfiguration Configuration() => ChaosDrill.Kubernetes.Kubeconfig.Load(Kubeconfig).Select(Context);
}
