using ChaosDrill.Kubernetes;

namespace ChaosDrill.Actions.Faults.ControlPlaneFailure;

/// <summary>The signs of life of a control plane.</summary>
internal static class ControlPlaneSigns
{
    public const string ApiServer = "kube-apiserver";

    /// <summary>Where the leaders of the scheduler and the controller manager keep their leases.</summary>
    public const string LeaseNamespace = "kube-system";

    /// <summary>The program's name, as its lease is called too.</summary>
    public static string NameOf(ControlPlaneComponent component) => component switch
    {
        ControlPlaneComponent.Scheduler => "kube-scheduler",
        ControlPlaneComponent.ControllerManager => "kube-controller-manager",
        _ => ApiServer,
    };

    /// <summary>Asks the API server whether it is ready; whatever it refuses, it is there.</summary>
    /// <exception cref="ApiUnreachableException">It gave no answer.</exception>
    public static async Task<bool> IsReadyAsync(KubernetesClient client, CancellationToken cancellationToken)
    {
        try
        {
            await client.GetTextAsync("/readyz", retries: false, cancellationToken);
            return true;
        }
        catch (ApiException e)
        {
            return e.Code < 500;
        }
    }

    /// <summary>Returns when the API server is ready.</summary>
    public static async Task AnswersAsync(KubernetesClient client, TimeSpan pause, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                if (await IsReadyAsync(client, cancellationToken))
                {
                    return;
                }
            }
            catch (ApiUnreachableException)
            {
                // Not yet.
            }

            await Task.Delay(pause, client.Clock, cancellationToken);
        }
    }

    /// <summary>Returns when a leader has renewed its lease from now on.</summary>
    public static async Task RenewsAsync(KubernetesClient client, string component, TimeSpan pause, CancellationToken cancellationToken)
    {
        var before = await client.FindAsync(Resources.Leases, LeaseNamespace, component, cancellationToken);
        while (await client.FindAsync(Resources.Leases, LeaseNamespace, component, cancellationToken) is not { } now || now.Spec.RenewTime == before?.Spec.RenewTime)
        {
            await Task.Delay(pause, client.Clock, cancellationToken);
        }
    }
}
