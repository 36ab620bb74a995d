using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Api;

/// <summary>Resource quotas: what objects use, and the refusal of what would be too much.</summary>
/// <remarks>Source: kubernetes/kubernetes, staging/src/k8s.io/apiserver/pkg/admission/plugin/resourcequota/controller.go.</remarks>
internal sealed class Quotas(ControlPlane plane)
{
    /// <summary>Amounts that every container has to name where a quota limits them.</summary>
    private static readonly string[] Compute = ["cpu", "limits.cpu", "limits.memory", "memory", "requests.cpu", "requests.memory"];

    /// <summary>Books a new object to every quota of its namespace that limits anything it uses.</summary>
    /// <exception cref="ApiException">403: a quota is exhausted, not known yet, or wants to know more.</exception>
    public void Admit(ResourceType type, JsonObject json, bool dryRun)
    {
        var (ns, name) = (json.Meta().Str("namespace") ?? "", json.Meta().Str("name")!);
        var booked = new List<(StoredObject Quota, SortedDictionary<string, decimal> Used)>();
        foreach (var quota in plane.Store.List(BuiltInTypes.ResourceQuotas, ns).ToList())
        {
            var hard = quota.Spec.Obj("hard") ?? [];
            var wanted = Usage(type, json, hard);
            if (wanted.Count == 0 || !IsInScope(quota, type, json))
            {
                continue;
            }

            if (type == BuiltInTypes.Pods && Unnamed(json, hard) is { Length: > 0 } missing)
            {
                throw Failure.Forbidden(type, name, $"failed quota: {quota.Name}: must specify {missing}");
            }

            var used = quota.Status.Obj("used");
            if (wanted.Keys.Where(r => used?[r] is null).ToList() is { Count: > 0 } unknown)
            {
                throw Failure.Forbidden(type, name, $"status unknown for quota: {quota.Name}, resources: {string.Join(',', unknown)}");
            }

            var after = new SortedDictionary<string, decimal>(wanted.ToDictionary(w => w.Key, w => w.Value + Quantity.Parse(used![w.Key])!.Value), StringComparer.Ordinal);
            var exceeded = after.Where(a => a.Value > Quantity.Parse(hard[a.Key]) && wanted[a.Key] > 0).Select(a => a.Key).ToList();
            if (exceeded.Count > 0)
            {
                throw Failure.Forbidden(type, name, $"exceeded quota: {quota.Name}, requested: {List(r => Quantity.Format(r, wanted[r]))}, " +
                    $"used: {List(r => used![r]!.ToString())}, limited: {List(r => hard[r]!.ToString())}");
            }

            booked.Add((quota, after));

            string List(Func<string, string> amount) => string.Join(',', exceeded.Select(r => $"{r}={amount(r)}"));
        }

        if (dryRun)
        {
            return;
        }

        foreach (var (quota, used) in booked)
        {
            plane.Registry.Change(quota, status =>
            {
                foreach (var (resource, amount) in used)
                {
                    status.Child("status").Child("used")[resource] = Quantity.Format(resource, amount);
                }
            });
        }
    }

    /// <summary>What all objects of a quota's namespace use of what it limits.</summary>
    public SortedDictionary<string, decimal> Count(StoredObject quota)
    {
        var hard = quota.Spec.Obj("hard") ?? [];
        var sum = new SortedDictionary<string, decimal>(hard.ToDictionary(h => h.Key, _ => 0m), StringComparer.Ordinal);
        foreach (var type in plane.Catalog.Types.Where(t => t.Namespaced && !t.Virtual))
        {
            if (type != BuiltInTypes.Pods && !Names(type).Any(hard.ContainsKey))
            {
                continue;
            }

            foreach (var stored in plane.Store.List(type, quota.Namespace))
            {
                if (IsInScope(quota, type, stored.Json))
                {
                    foreach (var (resource, amount) in Usage(type, stored.Json, hard))
                    {
                        sum[resource] += amount;
                    }
                }
            }
        }

        return sum;
    }

    private static IEnumerable<string> Names(ResourceType type) => type.Group.Length == 0 ? [type.Plural, $"count/{type.Plural}"] : [$"count/{type.QualifiedPlural}"];

    private static Dictionary<string, decimal> Usage(ResourceType type, JsonObject json, JsonObject hard)
    {
        var found = Names(type).Where(hard.ContainsKey).ToDictionary(n => n, _ => 1m);
        if (type != BuiltInTypes.Pods)
        {
            return found;
        }

        if (json.Obj("status").Str("phase") is "Succeeded" or "Failed")
        {
            // A finished pod takes no room; only the count of objects still has it.
            return found.Where(f => f.Key == "count/pods").ToDictionary();
        }

        foreach (var resource in Compute.Where(hard.ContainsKey))
        {
            var (kind, name) = Split(resource);
            found[resource] = Math.Max(
                json.Obj("spec").Arr("containers").Objects().Sum(c => Amount(c, kind, name) ?? 0),
                json.Obj("spec").Arr("initContainers").Objects().Select(c => Amount(c, kind, name) ?? 0).DefaultIfEmpty().Max());
        }

        return found;
    }

    /// <summary>Which amounts a quota needs to know and which containers do not name them.</summary>
    private static string Unnamed(JsonObject pod, JsonObject hard)
    {
        var containers = pod.Obj("spec").Arr("containers").Objects().Concat(pod.Obj("spec").Arr("initContainers").Objects()).ToList();
        return string.Join("; ", Compute.Where(hard.ContainsKey)
            .Select(r => (Resource: r, Without: containers.Where(c => Amount(c, Split(r).Kind, Split(r).Name) is null).Select(c => c.Str("name")).ToList()))
            .Where(r => r.Without.Count > 0).Select(r => $"{r.Resource} for: {string.Join(',', r.Without)}"));
    }

    private static bool IsInScope(StoredObject quota, ResourceType type, JsonObject json) => quota.Spec.Arr("scopes") is not { Count: > 0 } scopes ||
        (type == BuiltInTypes.Pods && scopes.Strings().All(scope =>
        {
            var isBestEffort = json.Obj("spec").Arr("containers").Objects().All(c => c.Obj("resources").Obj("requests") is not { Count: > 0 } && c.Obj("resources").Obj("limits") is not { Count: > 0 });
            var ends = json.Obj("spec")?["activeDeadlineSeconds"] is not null;
            return scope switch { "BestEffort" => isBestEffort, "NotBestEffort" => !isBestEffort, "Terminating" => ends, "NotTerminating" => !ends, _ => false };
        }));

    private static (string Kind, string Name) Split(string resource) => resource.Split('.') is [var kind, var name] ? (kind, name) : ("requests", resource);

    private static decimal? Amount(JsonObject container, string kind, string resource) => Quantity.Parse(container.Obj("resources").Obj(kind)?[resource]);
}
