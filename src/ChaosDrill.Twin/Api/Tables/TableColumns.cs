using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Api.Tables;

/// <summary>The columns of one kind and how to fill them.</summary>
internal sealed record TableColumns(TableColumns.Column[] Columns, Func<StoredObject, DateTimeOffset, object?[]> Cells)
{
    public static TableColumns For(ResourceType type) => type.Kind switch
    {
        "Pod" => PodRows.Table,
        "Deployment" => WorkloadRows.Deployments,
        "DaemonSet" => WorkloadRows.DaemonSets,
        "StatefulSet" => WorkloadRows.StatefulSets,
        "Job" => WorkloadRows.Jobs,
        "ControllerRevision" => WorkloadRows.ControllerRevisions,
        "ReplicaSet" => WorkloadRows.ReplicaSets,
        "Service" => NetworkRows.Services,
        "Endpoints" => NetworkRows.Endpoints,
        "EndpointSlice" => NetworkRows.EndpointSlices,
        "Node" => NodeRows.Table,
        "Namespace" => Of(["Name", "Status", "Age"], (o, now) => [o.Name, o.Status.Str("phase"), HumanDuration.Age(o, now)]),
        "ConfigMap" => Of(["Name", "Data:integer", "Age"], (o, now) =>
            [o.Name, (o.Json.Obj("data")?.Count ?? 0) + (o.Json.Obj("binaryData")?.Count ?? 0), HumanDuration.Age(o, now)]),
        "Secret" => Of(["Name", "Type", "Data:integer", "Age"], (o, now) => [o.Name, o.Json.Str("type"), o.Json.Obj("data")?.Count ?? 0, HumanDuration.Age(o, now)]),
        "ServiceAccount" => Of(["Name", "Secrets:integer", "Age"], (o, now) => [o.Name, o.Json.Arr("secrets")?.Count ?? 0, HumanDuration.Age(o, now)]),
        "Lease" => Of(["Name", "Holder", "Age"], (o, now) => [o.Name, o.Spec.Str("holderIdentity"), HumanDuration.Age(o, now)]),
        "PriorityClass" => Of(["Name", "Value:integer", "Global-Default:boolean", "Age", "PreemptionPolicy"], (o, now) =>
            [o.Name, o.Json.Int("value") ?? 0, o.Json.Bool("globalDefault") == true, HumanDuration.Age(o, now), o.Json.Str("preemptionPolicy")]),
        "CronJob" => WorkloadRows.CronJobs,
        "RoleBinding" or "ClusterRoleBinding" => BindingRows.Table,
        "Event" => EventRows.Table,
        "ResourceQuota" => QuotaRows.Table,
        "PodDisruptionBudget" => Of(["Name", "Min Available", "Max Unavailable", "Allowed Disruptions:integer", "Age"], (o, now) =>
        [
            o.Name, o.Spec?["minAvailable"]?.ToString() ?? "N/A", o.Spec?["maxUnavailable"]?.ToString() ?? "N/A",
            o.Status.Int("disruptionsAllowed") ?? 0, HumanDuration.Age(o, now),
        ]),
        _ => Of(["Name", "Created At"], (o, _) => [o.Name, o.Metadata.Str("creationTimestamp")]),
    };

    /// <summary>Columns from names: <c>Data:integer</c> gives a type, a trailing <c>*</c> shows only with <c>-o wide</c>.</summary>
    public static TableColumns Of(string[] names, Func<StoredObject, DateTimeOffset, object?[]> cells) => new([.. names.Select(Column.Parse)], cells);

    internal sealed record Column(string Name, string Type, int Priority)
    {
        public string Description => Name switch
        {
            "Name" => "Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names",
            "Age" => "CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.",
            _ => Name,
        };

        public static Column Parse(string text)
        {
            var wide = text.EndsWith('*');
            var parts = text.TrimEnd('*').Split(':');
            return new(parts[0], parts.Length > 1 ? parts[1] : "string", wide ? 1 : 0);
        }
    }
}
