namespace ChaosDrill.Twin;

/// <summary>One write to the cluster, stamped as it happened: the truth against which measurements can be checked.</summary>
/// <param name="Version">The resource version of the write.</param>
/// <param name="Timestamp">The clock's own <see cref="TimeProvider.GetTimestamp"/> at the write.</param>
/// <param name="Kind"><c>ADDED</c>, <c>MODIFIED</c> or <c>DELETED</c>.</param>
/// <param name="Resource">Plural and group, as in <c>deployments.apps</c>.</param>
/// <param name="Namespace">Empty for cluster-wide kinds.</param>
/// <param name="Name">Name of the object.</param>
/// <param name="Uid">Uid of the object.</param>
/// <param name="Ready">For pods, whether the pod was Ready after the write; otherwise null.</param>
public sealed record TwinChange(long Version, long Timestamp, string Kind, string Resource, string Namespace, string Name, string Uid, bool? Ready);
