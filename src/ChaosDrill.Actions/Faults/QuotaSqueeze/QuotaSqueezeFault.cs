using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ChaosDrill.Actions.Clusters;
using ChaosDrill.Actions.Undos;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Plans;

namespace ChaosDrill.Actions.Faults.QuotaSqueeze;

/// <summary>Creates a quota; proved when it refuses a pod, from the instant at which the cluster was seen to enforce it.</summary>
internal sealed class QuotaSqueezeFault(KubernetesClient client, string ns, QuotaSqueeze options) : IFault
{
    private const string Name = "chaosdrill-squeeze";

    private static readonly TimeSpan EffectLimit = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private Target Target => new("ResourceQuota", ns, Name, Name);

    public IReadOnlyList<AccessNeed> Needs =>
    [
        new("create", "", "resourcequotas", ns, "create a quota"),
        .. new[] { "get", "list", "watch" }.Select(verb => new AccessNeed(verb, "", "resourcequotas", ns, "see that the quota is enforced, and still as it was made", Name)),
        new("delete", "", "resourcequotas", ns, "delete the quota again", Name),
        new("create", "", "pods", ns, "prove by a dry run that the quota refuses pods"),
    ];

    public TimeSpan? MaxDuration => options.MaxDuration;

    public Task<FaultPlan> PlanAsync(Random random, CancellationToken cancellationToken) => ClusterFailure.Translate(async () =>
    {
        var there = await client.FindAsync(Place.ResourceQuotas, ns, Name, cancellationToken);
        return new FaultPlan(
            $"allow namespace {ns} {options.Pods} pods and no more, by a quota", [Target], 1, "delete the quota",
            there.ValueKind == JsonValueKind.Object
                ? [new Refusal(RefusalKind.Guard, $"{Target} is there already, from another drill", "put it back first: chaosdrill sweep --context NAME --all")]
                : [])
        {
            Touches = [new Touched(Target) { IsNew = true }],
        };
    });

    public Task InjectAsync(FaultPlan plan, IFaultReport report, CancellationToken cancellationToken) => ClusterFailure.Translate(async () =>
    {
        var quota = CreatedObject.Of(Place.ResourceQuotas, ns, Quota);
        long? enforced = null;
        await Sighting.AroundAsync(
            client, Place.ResourceQuotas, ns, new WatchOptions { FieldSelector = $"metadata.name={Name}" },
            e =>
            {
                enforced ??= IsEnforced(e.Object) ? e.ReceivedAt : null;
                return enforced is not null;
            },
            async () =>
            {
                var undo = report.RecordUndo(CreatedObject.UndoKind, $"delete quota {Name} of namespace {ns}", quota.Payload);
                report.Requested(Target);
                await quota.MakeAsync(client, Quota, undo, cancellationToken);
                report.Acknowledged(Target);
            },
            EffectLimit, cancellationToken);
        if (enforced is not { } since)
        {
            return;
        }

        var begin = client.Clock.GetTimestamp();
        do
        {
            if (await RefusalAsync(cancellationToken) is { } refusal)
            {
                report.TookEffect(Target, refusal, since);
                return;
            }

            await Task.Delay(Pause, client.Clock, cancellationToken);
        }
        while (client.Clock.GetElapsedTime(begin) < EffectLimit);
    });

    /// <summary>Only what stands in a quota's status is enforced.</summary>
    private static bool IsEnforced(JsonElement quota) =>
        quota.ValueKind == JsonValueKind.Object && JsonObject.Create(quota)!["status"]?["hard"]?["pods"] is not null;

    /// <summary>Tries a pod without creating it.</summary>
    /// <returns>The refusal for this quota; null when the pod would have been let in, or kept out by something else.</returns>
    private async Task<string?> RefusalAsync(CancellationToken cancellationToken)
    {
        using var document = JsonDocument.Parse(Canary.ToJsonString());
        try
        {
            await client.CreateAsync(Place.Pods, ns, document.RootElement.Clone(), new WriteOptions { DryRun = true }, cancellationToken);
            return null;
        }
        catch (ApiException e) when (e.IsForbidden && e.Message.Contains($"exceeded quota: {Name}", StringComparison.Ordinal))
        {
            return e.Message;
        }
        catch (ApiException e) when (e.IsForbidden)
        {
            return null;
        }
    }

    private JsonObject Quota => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "ResourceQuota",
        ["metadata"] = new JsonObject { ["name"] = Name, ["namespace"] = ns },
        ["spec"] = new JsonObject { ["hard"] = new JsonObject { ["pods"] = options.Pods.ToString(CultureInfo.InvariantCulture) } },
    };

    /// <summary>A pod that asks for little and that the strictest pod security standard lets in: quotas are asked last.</summary>
    private JsonObject Canary => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Pod",
        ["metadata"] = new JsonObject { ["generateName"] = "chaosdrill-canary-", ["namespace"] = ns },
        ["spec"] = new JsonObject
        {
            ["automountServiceAccountToken"] = false,
            ["securityContext"] = new JsonObject { ["runAsNonRoot"] = true, ["runAsUser"] = 65534, ["seccompProfile"] = new JsonObject { ["type"] = "RuntimeDefault" } },
            ["containers"] = new JsonArray(new JsonObject
            {
                ["name"] = "canary",
                ["image"] = "invalid.example/chaosdrill/canary:none",
                ["resources"] = new JsonObject
                {
                    ["requests"] = new JsonObject { ["cpu"] = "1m", ["memory"] = "1Mi" },
                    ["limits"] = new JsonObject { ["cpu"] = "1m", ["memory"] = "1Mi" },
                },
                ["securityContext"] = new JsonObject { ["allowPrivilegeEscalation"] = false, ["capabilities"] = new JsonObject { ["drop"] = new JsonArray("ALL") } },
            }),
        },
    };
}
