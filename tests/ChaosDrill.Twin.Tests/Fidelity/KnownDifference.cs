using System.Text.RegularExpressions;

namespace ChaosDrill.Twin.Tests.Fidelity;

/// <summary>A difference between the twin and the recorded control plane that is left on purpose.</summary>
/// <param name="What">What differs, for readers.</param>
/// <param name="Why">Why it is left.</param>
/// <param name="Scenes">The scenes in which it shows; a pattern.</param>
/// <param name="Pattern">The lines of the comparison that it covers.</param>
internal sealed record KnownDifference(string What, string Why, string Scenes, string Pattern)
{
    private const string Any = ".*";
    private const string Machine = @"spec\.(providerID|podCIDRs?)|status\.(capacity|allocatable|daemonEndpoints|nodeInfo|images|declaredFeatures)";

    public static readonly KnownDifference[] All =
    [
        new("Details of the version, the server's address, the authority's certificate", "the twin says what it is", "discovery|crud",
            @"^GET /version: \.git(Commit|TreeState): |serverAddressByClientCIDRs|\.data\.ca\.crt: "),
        new("Nodes' capacity, addresses, operating system and provider", "other machines", "crud|drain|node-failure",
            $@"^(GET|PATCH) /api/v1/nodes(/NODE)?( \(.*\))?: \.(items\[\d\]\.)?({Machine})|^GET /api/v1/nodes \(table\): \.rows|^shape of nodes: (missing|added) \.({Machine})"),
        new("Ids of containers and images", "another container runtime", Any, @"containerStatuses\[app\]\.(imageID|containerID): "),
        new("API groups, kinds and subresources that the twin does not serve", "no drill touches them; they answer 404, as on a cluster without them", "discovery",
            @"\.(groups|items|resources)\[[a-z./0-9]+\](\.versions\[v1\]\.resources\[[a-z]+\])?: missing$|^GET /apis/apiextensions"),
        new("Custom resource definitions", "no drill defines kinds; the twin's own custom resources (Velero's) are built in", "crd", @"status \d+ -> 404"),
        new("The checks behind /readyz?verbose", "they are parts of a program that is not there", "discovery", @"^GET /readyz\?verbose"),
        new("Descriptions of table columns", "shortened", "crud", @"columnDefinitions\[.*\]\.description"),
        new("The config map openshift-service-ca.crt, mounted into every pod", "the recorded server was built from a downstream tree", Any, @"openshift-service-ca|\.projected\.sources: 4 -> 3 items$"),
        new("The order of rules in a SelfSubjectRulesReview, and the one for the keys of the token issuer", "bindings come in no order there; the twin has no such keys", "crud", @"\.status\.nonResourceRules"),
        new("The order of the two replica sets of a deployment", "lists are in the order of names, and these end in a hash of Go structures; the twin hashes JSON", "rollout-failure", @"replicasets: \.items\[\d\]"),
        new("Pods are Ready while they are still Pending, containers have no events, never end by themselves and do not say whether they started or why they ended", "the recorded kubelets were hollow; the twin does as real ones do", Any,
            @"^watch pods: .* life: (Pending \w+ > )?(new > )?Pending unscheduled > Pending > (Pending ready|Running) > Running ready( > Running ready going( > Succeeded going)? > gone( > Pending unscheduled > Pending > (Pending ready|Running) > Running ready)?| > Succeeded)?$" +
            @"|^watch events: .* said: new > Normal Scheduled: [^>]*( > Normal (Scheduled|Pulled|Created|Started): [^>]*)*$|^watch (jobs|events): .*: j (complete|succeeded|said): " +
            @"|containerStatuses\[app\]\.started|\(page \d\): \.items\[0\]\.status\.|^shape of events: added \.(involvedObject\.fieldPath|source\.host)|^shape of jobs: added \.status\." +
            @"|^shape of pods: added \.status\.(conditions\[\]\.(message|reason)|containerStatuses\[\]\.(started|state\.terminated\.\w+)) "),
        new("Pods on a node that returns have Failed", "the recorded kubelet was restarted and had lost its containers; the twin's have gone on meanwhile", "node-failure",
            @"DeletionByTaintManager going > (Failed|Succeeded) |^shape of pods: missing .*\.terminated\.(exitCode|finishedAt|message|reason|startedAt) "),
        new("How far a rollout had come at an instant", "that depends on the speed of the machines", "crud|rollout-failure|scale-to-zero|namespace-delete|statefulset-daemonset-job",
            @"deployments/a.*: \.status\.(observedGeneration|terminatingReplicas): |^shape of deployments: missing \.status\.\w*[rR]eplicas "),
        new("The annotation endpoints.kubernetes.io/last-change-trigger-time of endpoint slices", "only the metrics of kube-proxy read it", "pod-kill|scale-to-zero|rollout-failure", @"last-change-trigger-time"),
        new("The end of the namespace rec-sts", "left over there from another scene", "namespace-delete", @"^watch namespaces: .*: rec-sts "),
        new("The storage provider, its location's history and addresses; how soon a restore is validated; who made a backup", "another storage plugin, an hour of earlier use, and a server that is older than the one that the twin is", "velero",
            @"backupstoragelocations: \.items\[default\]\.|\.status\.downloadURL: |restores/rec-r2: |velero\.io/source-cluster-k8s-gitversion"),
    ];

    public bool Covers(string scene, string difference) => Regex.IsMatch(scene, $"^({Scenes})$") && Regex.IsMatch(difference, Pattern);
}
