using ChaosDrill.Actions.Etcd.Client;
using ChaosDrill.Actions.Etcd.Snapshots;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Model.Measures;

namespace ChaosDrill.Actions.Restores.EtcdRestoreVerify;

/// <summary>Holds what a restored etcd says of itself, key by key, against what the snapshot's file says.</summary>
internal static class RestoredProof
{
    /// <summary>Compares; what is found is in the report.</summary>
    /// <param name="access">How members are asked.</param>
    /// <param name="members">Every member: its name, where it is asked, and what it said when it was healthy.</param>
    /// <param name="note">What was noted when the snapshot was taken; null when there is no note.</param>
    /// <param name="content">What the file holds.</param>
    /// <param name="report">Takes the checks.</param>
    /// <param name="clock">For time-outs.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <returns>Whether every check holds.</returns>
    public static async Task<bool> CompareAsync(
        EtcdAccess access, IReadOnlyList<(string Name, string Endpoint, MemberStatus Status)> members, SnapshotNote? note, SnapshotContent content,
        IActivityReport report, TimeProvider clock, CancellationToken cancellationToken)
    {
        var found = new Findings(report);
        var cluster = members[0].Status.ClusterId;
        found.Check(
            "the members are one cluster with one leader", members.Select(m => (m.Status.ClusterId, m.Status.Leader)).Distinct().Count() == 1,
            $"{members.Count} of {members.Count} answer, cluster {cluster:x}");
        if (note is not null)
        {
            found.Check("the restored cluster is another than its source", members.All(m => m.Status.ClusterId != note.ClusterId), $"the source is cluster {note.ClusterId:x}");
        }

        var hashes = new List<KeyHash>();
        RestoredContent? restored = null;
        foreach (var member in members)
        {
            using var client = new EtcdClient(access.At(member.Endpoint), clock) { Limit = TimeSpan.FromMinutes(2) };
            var alarms = await client.AlarmsAsync(cancellationToken);
            found.Check($"member {member.Name} raises no alarm", alarms.Count == 0, alarms.Count == 0 ? "none" : string.Join(", ", alarms));

            // A restore that bumps revisions marks all that it restored as compacted: it can be read at the bumped revision only.
            var bumped = (await client.HashKeysAsync(0, cancellationToken)).CompactRevision is var compacted && compacted > content.Revision ? compacted : content.Revision;
            hashes.Add(await client.HashKeysAsync(bumped, cancellationToken));
            if (restored is null)
            {
                restored = new RestoredContent();
                await restored.ReadAsync(client, bumped, cancellationToken);
                await CheckMarkersAsync(client, note, found, cancellationToken);
                var revision = (await client.StatusAsync(cancellationToken)).Revision;
                found.Check("the restored etcd goes on from the snapshot's revision", revision >= content.Revision, $"revision {revision}, the snapshot ends at {content.Revision}");
            }
        }

        found.Check("all members hold the same", hashes.Distinct().Count() == 1, string.Join(", ", hashes.Select(h => $"hash {h.Hash:x8}")));
        if (note?.Hash is { } hash && note.HashCompactRevision == hashes[0].CompactRevision)
        {
            found.Check("the hash by revision is the source's", hash == hashes[0].Hash, $"{hashes[0].Hash:x8} here, {hash:x8} there, at revision {content.Revision}");
        }

        CheckContent(restored!, content, found);
        return found.AllHold;
    }

    private static void CheckContent(RestoredContent restored, SnapshotContent content, Findings report)
    {
        var differ = content.Counts.Keys.Union(restored.Counts.Keys).Order(StringComparer.Ordinal)
            .Where(p => content.Counts.GetValueOrDefault(p) != restored.Counts.GetValueOrDefault(p)).ToList();
        report.Check(
            "each prefix has as many keys as in the snapshot", differ.Count == 0,
            differ.Count == 0
                ? $"{Figures.Count(restored.Digest.Keys, "key")} under {(content.Counts.Count == 1 ? "1 prefix" : $"{content.Counts.Count} prefixes")}"
                : string.Join(", ", differ.Take(5).Select(p => $"{p}: {restored.Counts.GetValueOrDefault(p)} instead of {content.Counts.GetValueOrDefault(p)}")));
        report.Check(
            "every key has its value and revisions", restored.Digest.ToString() == content.Digest.ToString(),
            $"digest {restored.Digest} restored, {content.Digest} in the snapshot");
        if (restored.Forms.Count + restored.MisfitCount > 0)
        {
            report.Check(
                "every Kubernetes object is what its key says", restored.MisfitCount == 0,
                restored.MisfitCount == 0
                    ? string.Join(", ", restored.Forms.OrderBy(f => f.Key).Select(f => $"{Figures.Count(f.Value)} {f.Key.ToString().ToLowerInvariant()}"))
                    : $"{Figures.Count(restored.MisfitCount)} are not: {string.Join("; ", restored.Misfits)}");
        }
    }

    private static async Task CheckMarkersAsync(EtcdClient client, SnapshotNote? note, Findings report, CancellationToken cancellationToken)
    {
        if (note is not { MarkerBefore: { } before, MarkerAfter: { } after, MarkerValue: { } value })
        {
            report.Note("no drill took this snapshot, so there are no markers in it to look for");
            return;
        }

        var found = await client.FindAsync(before, cancellationToken);
        report.Check(
            "the marker from before the snapshot came back", found is not null && System.Text.Encoding.UTF8.GetString(found) == value,
            found is null ? $"{before} is not there" : before);
        report.Check("the marker from after the snapshot did not", await client.FindAsync(after, cancellationToken) is null, after);
    }

    private sealed class Findings(IActivityReport report)
    {
        public bool AllHold { get; private set; } = true;

        public void Check(string check, bool? held, string evidence)
        {
            AllHold &= held == true;
            report.Check(check, held, evidence);
        }

        public void Note(string text) => report.Note(text);
    }
}
