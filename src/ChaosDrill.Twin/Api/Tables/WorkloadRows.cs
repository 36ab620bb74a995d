using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Api.Tables;

internal static class WorkloadRows
{
    public static readonly TableColumns Deployments = TableColumns.Of(
        ["Name", "Ready", "Up-to-date", "Available", "Age", "Containers*", "Images*", "Selector*"],
        (o, now) =>
        [
            o.Name, $"{o.Status.Int("readyReplicas") ?? 0}/{o.Spec.Int("replicas") ?? 0}", o.Status.Int("updatedReplicas") ?? 0,
            o.Status.Int("availableReplicas") ?? 0, HumanDuration.Age(o, now), .. Template(o),
        ]);

    public static readonly TableColumns ReplicaSets = TableColumns.Of(
        ["Name", "Desired:integer", "Current:integer", "Ready:integer", "Age", "Containers*", "Images*", "Selector*"],
        (o, now) =>
        [
            o.Name, o.Spec.Int("replicas") ?? 0, o.Status.Int("replicas") ?? 0, o.Status.Int("readyReplicas") ?? 0, HumanDuration.Age(o, now), .. Template(o),
        ]);

    public static readonly TableColumns DaemonSets = TableColumns.Of(
        ["Name", "Desired:integer", "Current:integer", "Ready:integer", "Up-to-date:integer", "Available:integer", "Node Selector", "Age", "Containers*", "Images*", "Selector*"],
        (o, now) =>
        [
            o.Name, o.Status.Int("desiredNumberScheduled") ?? 0, o.Status.Int("currentNumberScheduled") ?? 0, o.Status.Int("numberReady") ?? 0,
            o.Status.Int("updatedNumberScheduled") ?? 0, o.Status.Int("numberAvailable") ?? 0,
            Selector(new JsonObject { ["matchLabels"] = o.Spec.Obj("template").Obj("spec").Obj("nodeSelector")?.DeepClone() }), HumanDuration.Age(o, now), .. Template(o),
        ]);

    public static readonly TableColumns StatefulSets = TableColumns.Of(
        ["Name", "Ready", "Age", "Containers*", "Images*"],
        (o, now) => [o.Name, $"{o.Status.Int("readyReplicas") ?? 0}/{o.Spec.Int("replicas") ?? 0}", HumanDuration.Age(o, now), .. Template(o)[..2]]);

    public static readonly TableColumns Jobs = TableColumns.Of(
        ["Name", "Status", "Completions", "Duration", "Age", "Containers*", "Images*", "Selector*"],
        (o, now) =>
        [
            o.Name, o.Status.Arr("conditions").Objects().LastOrDefault(c => c.Str("status") == "True").Str("type") ?? "Running",
            $"{o.Status.Int("succeeded") ?? 0}/{o.Spec.Int("completions")?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "1"}",
            Timestamps.Parse(o.Status.Str("startTime")) is { } start ? HumanDuration.Of((Timestamps.Parse(o.Status.Str("completionTime")) ?? now) - start) : "", HumanDuration.Age(o, now), .. Template(o),
        ]);

    public static readonly TableColumns CronJobs = TableColumns.Of(
        ["Name", "Schedule", "Timezone", "Suspend:boolean", "Active:integer", "Last Schedule", "Age"],
        (o, now) =>
        [
            o.Name, o.Spec.Str("schedule"), o.Spec.Str("timeZone") ?? "<none>", o.Spec.Bool("suspend") == true ? "True" : "False", o.Status.Arr("active")?.Count ?? 0,
            Timestamps.Parse(o.Status.Str("lastScheduleTime")) is { } last ? HumanDuration.Of(now - last) : "<none>", HumanDuration.Age(o, now),
        ]);

    public static readonly TableColumns ControllerRevisions = TableColumns.Of(
        ["Name", "Controller", "Revision:integer", "Age"],
        (o, now) =>
        [
            o.Name, o.Metadata.Arr("ownerReferences").Objects().FirstOrDefault() is { } owner ? $"{owner.Str("kind")?.ToLowerInvariant()}.apps/{owner.Str("name")}" : "<none>",
            o.Json.Int("revision") ?? 0, HumanDuration.Age(o, now),
        ]);

    /// <summary>A selector in the form in which it is typed.</summary>
    public static string Selector(JsonObject? selector)
    {
        var labels = (selector.Obj("matchLabels") ?? []).OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => $"{l.Key}={l.Value.AsStr()}");
        var expressions = selector.Arr("matchExpressions").Objects().Select(e => e.Str("operator") switch
        {
            "Exists" => e.Str("key")!,
            "DoesNotExist" => $"!{e.Str("key")}",
            "NotIn" => $"{e.Str("key")} notin ({string.Join(",", e.Arr("values").Strings())})",
            _ => $"{e.Str("key")} in ({string.Join(",", e.Arr("values").Strings())})",
        });
        return string.Join(",", labels.Concat(expressions)) is { Length: > 0 } text ? text : "<none>";
    }

    private static object?[] Template(StoredObject o)
    {
        var containers = o.Spec.Obj("template").Obj("spec").Arr("containers").Objects().ToList();
        return [string.Join(",", containers.Select(c => c.Str("name"))), string.Join(",", containers.Select(c => c.Str("image"))), Selector(o.Spec.Obj("selector"))];
    }
}
