using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Controllers;

/// <summary>A deployment with its replica sets: the one that matches its template, and the old ones.</summary>
internal sealed class Rollout
{
    public Rollout(StoredObject deployment, List<StoredObject> sets)
    {
        Deployment = deployment;
        Sets = [.. sets.OrderBy(s => s.Metadata.Str("creationTimestamp"), StringComparer.Ordinal).ThenBy(s => s.Name, StringComparer.Ordinal)];
        Template = deployment.Spec.Obj("template")!;
        New = Sets.Find(s => SameTemplate(s.Spec.Obj("template")!, Template));
        Old = Sets.FindAll(s => !ReferenceEquals(s, New));
        var rolling = deployment.Spec.Obj("strategy").Obj("rollingUpdate");
        MaxSurge = Amounts.Resolve(rolling?["maxSurge"], Replicas, roundUp: true);
        MaxUnavailable = Amounts.Resolve(rolling?["maxUnavailable"], Replicas, roundUp: false);
        if (MaxSurge == 0 && MaxUnavailable == 0)
        {
            MaxUnavailable = 1;
        }

        MaxUnavailable = Math.Min(MaxUnavailable, Replicas);
    }

    public StoredObject Deployment { get; }

    public List<StoredObject> Sets { get; }

    public StoredObject? New { get; }

    public List<StoredObject> Old { get; }

    public JsonObject Template { get; }

    public long Replicas => Deployment.Spec.Int("replicas") ?? 1;

    public long MaxSurge { get; }

    public long MaxUnavailable { get; }

    public static long SizeOf(StoredObject set) => set.Spec.Int("replicas") ?? 0;

    private static bool SameTemplate(JsonObject set, JsonObject wanted)
    {
        if (!JsonNode.DeepEquals(set["spec"], wanted["spec"]))
        {
            return false;
        }

        var copy = set.Obj("metadata")?.Copy() ?? [];
        copy.Obj("labels")?.Remove("pod-template-hash");
        var other = wanted.Obj("metadata")?.Copy() ?? [];
        other.Obj("labels")?.Remove("pod-template-hash");
        return JsonNode.DeepEquals(copy, other);
    }
}
