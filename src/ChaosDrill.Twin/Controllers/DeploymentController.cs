using System.Globalization;
using System.Text.Json.Nodes;
using ChaosDrill.Twin.Api;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Controllers;

/// <summary>Rolls deployments out over replica sets: creates the new set, moves replicas, keeps revisions.</summary>
internal sealed class DeploymentController : Controller
{
    private const string Component = "deployment-controller";

    private readonly DeploymentStatus status;

    public DeploymentController(ControlPlane plane)
        : base(plane) => status = new DeploymentStatus(plane, EnqueueAfter);

    public override void Notice(StoreChange change)
    {
        if (change.Object.Type == BuiltInTypes.Deployments && change.Kind != ChangeKind.Deleted)
        {
            Enqueue(change.Object.Key);
        }
        else if (change.Object.Type == BuiltInTypes.ReplicaSets)
        {
            EnqueueController(change.Object, BuiltInTypes.Deployments);
        }
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (Store.Find(key) is not { } deployment)
        {
            return;
        }

        var view = View(deployment);
        if (!deployment.IsDeleting)
        {
            if (deployment.Spec.Bool("paused") == true || IsScaling(view))
            {
                Scale(view);
            }
            else if (deployment.Spec.Obj("strategy").Str("type") == "Recreate")
            {
                Recreate(view);
            }
            else
            {
                Roll(view);
            }
        }

        if (Store.Find(key) is { } current && current.Uid == deployment.Uid)
        {
            view = View(current);
            if (IsComplete(view))
            {
                CleanUp(view);
            }

            status.Sync(view);
        }
    }

    private Rollout View(StoredObject deployment)
    {
        var sets = Store.OwnedBy(deployment.Uid, BuiltInTypes.ReplicaSets).FindAll(s => Owners.Controls(deployment, s));
        if (deployment.Spec.Obj("selector") is { } selector)
        {
            var matching = LabelSelector.FromObject(selector);
            foreach (var orphan in Store.List(BuiltInTypes.ReplicaSets, deployment.Namespace).Where(s => Owners.Controller(s) is null && !s.IsDeleting && matching.Matches(s.Labels)).ToList())
            {
                sets.Add(Registry.Change(orphan, json => Owners.Adopt(json, deployment)));
            }
        }

        return new Rollout(deployment, sets);
    }

    private void Roll(Rollout view)
    {
        var (current, created) = EnsureNewSet(view);
        if (created)
        {
            // The new set was created with as many replicas as may come at once; the old ones shrink at the next look.
            return;
        }

        var target = NewSetReplicas(view, current);
        if (target != Rollout.SizeOf(current))
        {
            ScaleSet(view, current, target);
            return;
        }

        ShrinkOld(view, current);
    }

    private void Recreate(Rollout view)
    {
        foreach (var old in view.Old.Where(s => Rollout.SizeOf(s) > 0))
        {
            ScaleSet(view, old, 0);
        }

        var busy = view.Old.Any(s => Store.OwnedBy(s.Uid, BuiltInTypes.Pods).Any(p => p.Status.Str("phase") is not ("Succeeded" or "Failed")));
        if (busy)
        {
            EnqueueAfter(view.Deployment.Key, TimeSpan.FromMilliseconds(100));
            return;
        }

        var (current, created) = EnsureNewSet(view);
        if (!created && Rollout.SizeOf(current) != view.Replicas)
        {
            ScaleSet(view, current, view.Replicas);
        }
    }

    /// <summary>Changes of the wanted size alone: the newest set takes all, or during a rollout all sets in proportion.</summary>
    private void Scale(Rollout view)
    {
        var active = view.Sets.Where(s => Rollout.SizeOf(s) > 0).ToList();
        var single = active.Count == 1 ? active[0] : active.Count == 0 ? view.New ?? view.Sets.LastOrDefault() : null;
        if (single is not null)
        {
            if (Rollout.SizeOf(single) != view.Replicas)
            {
                ScaleSet(view, single, view.Replicas);
            }
            else
            {
                Annotate(view, single);
            }

            return;
        }

        if (view.New is { } complete && view.Old.All(s => (s.Status.Int("replicas") ?? 0) == 0) && Rollout.SizeOf(complete) == view.Replicas)
        {
            view.Old.ForEach(s => ScaleSet(view, s, 0));
            return;
        }

        var allowed = view.Replicas > 0 ? view.Replicas + view.MaxSurge : 0;
        var total = active.Sum(Rollout.SizeOf);
        var left = allowed - total;
        foreach (var set in active.OrderByDescending(Rollout.SizeOf).ThenBy(s => s.Name, StringComparer.Ordinal))
        {
            var share = total == 0 ? 0 : (long)Math.Round((double)Rollout.SizeOf(set) * allowed / total, MidpointRounding.AwayFromZero) - Rollout.SizeOf(set);
            share = left >= 0 ? Math.Clamp(share, 0, left) : Math.Clamp(share, left, 0);
            left -= share;
            ScaleSet(view, set, Math.Max(0, Rollout.SizeOf(set) + share));
        }

        if (left != 0)
        {
            var biggest = active.OrderByDescending(Rollout.SizeOf).First();
            var now = Store.Find(biggest.Key)!;
            ScaleSet(view, now, Math.Max(0, Rollout.SizeOf(now) + left));
        }
    }

    private static bool IsScaling(Rollout view) => view.Sets.Any(s => Rollout.SizeOf(s) > 0 &&
        s.Metadata.Obj("annotations").Str(Revisions.DesiredReplicas) is { } desired && desired != view.Replicas.ToString(CultureInfo.InvariantCulture));

    private (StoredObject Set, bool Created) EnsureNewSet(Rollout view)
    {
        var revision = (view.Old.Select(Revisions.Of).DefaultIfEmpty(0).Max() + 1).ToString(CultureInfo.InvariantCulture);
        if (view.New is { } existing)
        {
            var updated = Registry.Change(existing, json => Revisions.Set(json, view, revision));
            SetRevision(view.Deployment, Revisions.Of(updated).ToString(CultureInfo.InvariantCulture));
            return (updated, false);
        }

        var hash = TemplateHash.Of(view.Template, view.Deployment.Status.Int("collisionCount") ?? 0);
        var template = view.Template.Copy();
        template.Child("metadata").Child("labels")["pod-template-hash"] = hash;
        var selector = view.Deployment.Spec.Obj("selector")!.Copy();
        selector.Child("matchLabels")["pod-template-hash"] = hash;
        var json = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = $"{view.Deployment.Name}-{hash}",
                ["labels"] = template.Obj("metadata")!["labels"]!.DeepClone(),
                ["ownerReferences"] = new JsonArray(Owners.Reference(view.Deployment)),
            },
            ["spec"] = new JsonObject { ["replicas"] = NewSetReplicas(view, null), ["selector"] = selector, ["template"] = template },
        };
        if (view.Deployment.Spec?["minReadySeconds"] is { } minReady)
        {
            json.Child("spec")["minReadySeconds"] = minReady.DeepClone();
        }

        Revisions.Set(json, view, revision);
        var created = Registry.Create(BuiltInTypes.ReplicaSets, view.Deployment.Namespace, json);
        var deployment = SetRevision(view.Deployment, revision);
        status.Progressing(deployment, "NewReplicaSetCreated", $"Created new replica set \"{created.Name}\"");
        if (Rollout.SizeOf(created) > 0)
        {
            Plane.Events.Record(view.Deployment, "Normal", "ScalingReplicaSet", $"Scaled up replica set {created.Name} from 0 to {Rollout.SizeOf(created)}", Component);
        }

        return (created, true);
    }

    private StoredObject SetRevision(StoredObject deployment, string revision)
    {
        var current = Store.Find(deployment.Key) ?? deployment;
        return current.Metadata.Obj("annotations").Str(Revisions.Revision) == revision ? current
            : Registry.Change(current, json => json.Meta().Child("annotations")[Revisions.Revision] = revision);
    }

    private static long NewSetReplicas(Rollout view, StoredObject? current)
    {
        var own = current is null ? 0 : Rollout.SizeOf(current);
        if (view.Deployment.Spec.Obj("strategy").Str("type") == "Recreate")
        {
            return view.Replicas;
        }

        var room = view.Replicas + view.MaxSurge - view.Sets.Sum(Rollout.SizeOf);
        return own > view.Replicas ? view.Replicas : room <= 0 ? own : own + Math.Min(room, view.Replicas - own);
    }

    private void ShrinkOld(Rollout view, StoredObject current)
    {
        if (view.Old.Sum(Rollout.SizeOf) == 0)
        {
            return;
        }

        var least = view.Replicas - view.MaxUnavailable;
        var unavailable = Rollout.SizeOf(current) - (current.Status.Int("availableReplicas") ?? 0);
        var spare = view.Sets.Sum(Rollout.SizeOf) - least - unavailable;
        if (spare <= 0)
        {
            return;
        }

        // Pods that do not serve anyway go first.
        foreach (var set in view.Old.Where(s => Rollout.SizeOf(s) > 0))
        {
            var sick = Math.Min(spare, Rollout.SizeOf(set) - (set.Status.Int("availableReplicas") ?? 0));
            if (sick > 0)
            {
                spare -= sick;
                ScaleSet(view, set, Rollout.SizeOf(set) - sick);
            }
        }

        var fresh = View(view.Deployment);
        var available = fresh.Sets.Sum(s => s.Status.Int("availableReplicas") ?? 0);
        var mayGo = available - least;
        foreach (var set in fresh.Old.Where(s => Rollout.SizeOf(s) > 0))
        {
            var step = Math.Min(mayGo, Rollout.SizeOf(set));
            if (step <= 0)
            {
                break;
            }

            mayGo -= step;
            ScaleSet(view, set, Rollout.SizeOf(set) - step);
        }
    }

    private void ScaleSet(Rollout view, StoredObject set, long replicas)
    {
        var before = Rollout.SizeOf(set);
        Registry.Change(set, json =>
        {
            json.Child("spec")["replicas"] = replicas;
            Revisions.SetSize(json, view);
        });
        if (before != replicas)
        {
            Plane.Events.Record(view.Deployment, "Normal", "ScalingReplicaSet",
                $"Scaled {(replicas > before ? "up" : "down")} replica set {set.Name} from {before} to {replicas}", Component);
        }
    }

    private void Annotate(Rollout view, StoredObject set) => Registry.Change(set, json => Revisions.SetSize(json, view));

    private static bool IsComplete(Rollout view)
    {
        var status = view.Deployment.Status;
        return view.New is not null && (status.Int("updatedReplicas") ?? 0) == view.Replicas && (status.Int("replicas") ?? 0) == view.Replicas &&
            (status.Int("availableReplicas") ?? 0) == view.Replicas && status.Int("observedGeneration") >= view.Deployment.Metadata.Int("generation");
    }

    private void CleanUp(Rollout view)
    {
        var keep = (int)(view.Deployment.Spec.Int("revisionHistoryLimit") ?? 10);
        var idle = view.Old.FindAll(s => Rollout.SizeOf(s) == 0 && (s.Status.Int("replicas") ?? 0) == 0 && !s.IsDeleting);
        foreach (var set in idle.OrderBy(Revisions.Of).Take(Math.Max(0, idle.Count - keep)))
        {
            Registry.Delete(set, null);
        }
    }
}
