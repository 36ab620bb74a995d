using System.Globalization;
using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Controllers;

/// <summary>The annotations by which a deployment and its replica sets remember revisions and sizes.</summary>
internal static class Revisions
{
    public const string Revision = "deployment.kubernetes.io/revision";
    public const string History = "deployment.kubernetes.io/revision-history";
    public const string DesiredReplicas = "deployment.kubernetes.io/desired-replicas";
    public const string MaxReplicas = "deployment.kubernetes.io/max-replicas";

    private static readonly string[] NotCopied = [Revision, History, DesiredReplicas, MaxReplicas, "kubectl.kubernetes.io/last-applied-configuration", "deprecated.deployment.rollback.to"];

    public static long Of(StoredObject set) => long.TryParse(set.Metadata.Obj("annotations").Str(Revision), NumberStyles.None, CultureInfo.InvariantCulture, out var revision) ? revision : 0;

    /// <summary>Gives a replica set the deployment's annotations, its revision and its size; an older revision is remembered.</summary>
    public static void Set(JsonObject set, Rollout view, string revision)
    {
        var annotations = set.Meta().Child("annotations");
        foreach (var (key, value) in view.Deployment.Metadata.Obj("annotations") ?? [])
        {
            if (!NotCopied.Contains(key))
            {
                annotations[key] = value?.DeepClone();
            }
        }

        var old = annotations.Str(Revision);
        var before = long.TryParse(old, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
        if (before < long.Parse(revision, CultureInfo.InvariantCulture))
        {
            if (old is not null)
            {
                annotations[History] = annotations.Str(History) is { Length: > 0 } history ? $"{history},{old}" : old;
            }

            annotations[Revision] = revision;
        }

        SetSize(set, view);
    }

    public static void SetSize(JsonObject set, Rollout view)
    {
        var annotations = set.Meta().Child("annotations");
        annotations[DesiredReplicas] = view.Replicas.ToString(CultureInfo.InvariantCulture);
        annotations[MaxReplicas] = (view.Replicas + view.MaxSurge).ToString(CultureInfo.InvariantCulture);
    }
}
