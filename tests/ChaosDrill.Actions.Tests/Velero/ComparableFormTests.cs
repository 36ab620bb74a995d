using System.Text.Json.Nodes;
using ChaosDrill.Actions.Velero;
using Xunit;

namespace ChaosDrill.Actions.Tests.Velero;

/// <summary>What a restore must bring back, and what no restore can: objects as a real server has them before and after.</summary>
public sealed class ComparableFormTests
{
    /// <summary>An object in the backup, and the same one restored, as different as a good restore makes it.</summary>
    public static TheoryData<string, string, string> Alike => new()
    {
        {
            "identity",
            """{"kind":"ConfigMap","metadata":{"name":"a","namespace":"shop","uid":"1","resourceVersion":"5","creationTimestamp":"2026-01-01T00:00:00Z","managedFields":[{}]},"data":{"k":"v"}}""",
            """{"kind":"ConfigMap","metadata":{"name":"a","namespace":"copy","uid":"2","resourceVersion":"9","labels":{"velero.io/backup-name":"b","velero.io/restore-name":"r"}},"data":{"k":"v"}}"""
        },
        {
            "a claim restored from a CSI snapshot",
            """{"kind":"PersistentVolumeClaim","metadata":{"name":"a","finalizers":["kubernetes.io/pvc-protection"],"annotations":{"pv.kubernetes.io/bind-completed":"yes","volume.kubernetes.io/selected-node":"n1"}},"spec":{"storageClassName":"fast","volumeName":"pvc-1","resources":{"requests":{"storage":"1Gi"}}}}""",
            """{"kind":"PersistentVolumeClaim","metadata":{"name":"a","labels":{"velero.io/volume-snapshot-name":"s"},"annotations":{"backup.velero.io/must-include-additional-items":"true","velero.io/csi-volumesnapshot-restore-size":"1Gi"},"finalizers":["kubernetes.io/pvc-protection","snapshot.storage.kubernetes.io/pvc-as-source-protection"]},"spec":{"storageClassName":"fast","volumeName":"pvc-2","dataSource":{"kind":"VolumeSnapshot","name":"s"},"dataSourceRef":{"kind":"VolumeSnapshot","name":"s"},"resources":{"requests":{"storage":"1Gi"}}}}"""
        },
        {
            "a claim that the data mover bound",
            """{"kind":"PersistentVolumeClaim","metadata":{"name":"a"},"spec":{"volumeName":"pvc-1"}}""",
            """{"kind":"PersistentVolumeClaim","metadata":{"name":"a"},"spec":{"volumeName":"pvc-2","selector":{"matchLabels":{"velero.io/dynamic-pv-restore":"shop.a.x"}}}}"""
        },
        {
            "a pod whose files were restored",
            """{"kind":"Pod","metadata":{"name":"a"},"spec":{"nodeName":"n1","containers":[{"name":"c","image":"i","volumeMounts":[{"name":"kube-api-access-1","mountPath":"/t"}]}],"volumes":[{"name":"kube-api-access-1"}]}}""",
            """{"kind":"Pod","metadata":{"name":"a"},"spec":{"nodeName":"n2","initContainers":[{"name":"restore-wait","image":"velero/velero-restore-helper"}],"containers":[{"name":"c","image":"i"}]}}"""
        },
        {
            "a service",
            """{"kind":"Service","metadata":{"name":"a"},"spec":{"clusterIP":"10.0.0.1","clusterIPs":["10.0.0.1"],"ipFamilies":["IPv4"],"ports":[{"port":80,"nodePort":30001}]}}""",
            """{"kind":"Service","metadata":{"name":"a"},"spec":{"clusterIP":"10.0.0.2","clusterIPs":["10.0.0.2"],"ipFamilies":["IPv4"],"ports":[{"port":80,"nodePort":30002}]}}"""
        },
        {
            "a daemon set that was rolled out twice",
            """{"kind":"DaemonSet","metadata":{"name":"a","annotations":{"deprecated.daemonset.template.generation":"2"}},"spec":{}}""",
            """{"kind":"DaemonSet","metadata":{"name":"a","annotations":{"deprecated.daemonset.template.generation":"1"}},"spec":{}}"""
        },
        {
            "a role binding of the namespace's own account",
            """{"kind":"RoleBinding","metadata":{"name":"a"},"subjects":[{"kind":"ServiceAccount","name":"x","namespace":"shop"},{"kind":"ServiceAccount","name":"y","namespace":"other"}]}""",
            """{"kind":"RoleBinding","metadata":{"name":"a"},"subjects":[{"kind":"ServiceAccount","name":"x","namespace":"copy"},{"kind":"ServiceAccount","name":"y","namespace":"other"}]}"""
        },
    };

    /// <summary>An object in the backup, one that is not it, and where they differ.</summary>
    public static TheoryData<string, string, string> Different => new()
    {
        { """{"kind":"ConfigMap","metadata":{"name":"a"},"data":{"k":"v"}}""", """{"kind":"ConfigMap","metadata":{"name":"a"},"data":{"k":"w"}}""", "data.k" },
        { """{"kind":"ConfigMap","metadata":{"name":"a","labels":{"team":"shop"}}}""", """{"kind":"ConfigMap","metadata":{"name":"a"}}""", "metadata.labels" },
        { """{"kind":"ConfigMap","metadata":{"name":"a","finalizers":["example.com/keep"]}}""", """{"kind":"ConfigMap","metadata":{"name":"a"}}""", "metadata.finalizers" },
        { """{"kind":"Service","metadata":{"name":"a"},"spec":{"ports":[{"port":80}]}}""", """{"kind":"Service","metadata":{"name":"a"},"spec":{"ports":[{"port":81}]}}""", "spec.ports[0].port" },
        { """{"kind":"PersistentVolumeClaim","metadata":{"name":"a"},"spec":{"storageClassName":"fast"}}""", """{"kind":"PersistentVolumeClaim","metadata":{"name":"a"},"spec":{"storageClassName":"slow"}}""", "spec.storageClassName" },
        { """{"kind":"RoleBinding","metadata":{"name":"a"},"subjects":[{"name":"x","namespace":"shop"}]}""", """{"kind":"RoleBinding","metadata":{"name":"a"},"subjects":[{"name":"x","namespace":"elsewhere"}]}""", "subjects[0].namespace" },
        { """{"kind":"Pod","metadata":{"name":"a"},"spec":{"initContainers":[{"name":"own"}]}}""", """{"kind":"Pod","metadata":{"name":"a"},"spec":{}}""", "spec.initContainers" },
    };

    [Theory]
    [MemberData(nameof(Alike))]
    public void Restored_AsAGoodRestoreDoes_IsTheSame(string what, string backup, string restored) =>
        Assert.True(Differences(backup, restored).Count == 0, $"{what}: {string.Join(", ", Differences(backup, restored))}");

    [Theory]
    [MemberData(nameof(Different))]
    public void Restored_AsSomethingElse_DiffersThere(string backup, string restored, string path) => Assert.Equal([path], Differences(backup, restored));

    private static IReadOnlyList<string> Differences(string backup, string restored) =>
        [.. JsonDifference.Between(ComparableForm.Of(Parse(backup), "shop", "copy"), ComparableForm.Of(Parse(restored), "shop", "copy")).Select(d => d.Path)];

    private static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();
}
