using System.Text;
using ChaosDrill.Actions.Etcd.Client;
using ChaosDrill.Actions.Etcd.Snapshots;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Model.Measures;

namespace ChaosDrill.Actions.Restores.EtcdRestoreVerify;

/// <summary>Holds what a restored etcd says of itself against what the snapshot's file says.</summary>
internal static class RestoredProof
{
    private const string PrefixCounts = "each prefix has as many keys as in the snapshot";
    private const string Content = "every key has its value and revisions";
    private const string Objects = "every Kubernetes object is what its key says";

    /// <summary>No cluster has more kinds; a file that has is read key by key.</summary>
    private const int MostPrefixes = 1000;

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
        foreach (var member in members)
        {
            using var client = new EtcdClient(access.At(member.Endpoint), clock) { Limit = TimeSpan.FromMinutes(2) };
            var alarms = await client.AlarmsAsync(cancellationToken);
            found.Check($"member {member.Name} raises no alarm", alarms.Count == 0, alarms.Count == 0 ? "none" : string.Join(", ", alarms));

            var (hash, at) = await HashAsync(client, content.Revision, cancellationToken);
            hashes.Add(hash);
            if (hashes.Count == 1)
            {
                if (!await CheckByHashAsync(client, hashes[0], content, found, cancellationToken))
                {
                    await CheckByKeyAsync(client, at, content, found, cancellationToken);
                }

                await CheckMarkersAsync(client, note, found, cancellationToken);
                var revision = (await client.StatusAsync(cancellationToken)).Revision;
                found.Check("the restored etcd goes on from the snapshot's revision", revision >= content.Revision, $"revision {revision}, the snapshot ends at {content.Revision}");
            }
        }

        found.Check("all members hold the same", hashes.Distinct().Count() == 1, string.Join(", ", hashes.Select(h => $"hash {h.Hash:x8}")));
        if (note?.Hash is { } source && note.HashCompactRevision == hashes[0].CompactRevision)
        {
            found.Check("the hash by revision is the source's", source == hashes[0].Hash, $"{hashes[0].Hash:x8} here, {source:x8} there, at revision {content.Revision}");
        }

        if (content.Forms.Count > 0)
        {
            var misfits = content.Forms.GetValueOrDefault(ValueForm.Misfit);
            found.Check(
                Objects, misfits == 0,
                misfits == 0
                    ? string.Join(", ", content.Forms.OrderBy(f => f.Key).Select(f => $"{Figures.Count(f.Value)} {f.Key.ToString().ToLowerInvariant()}"))
                    : $"{Figures.Count(misfits)} are not: {string.Join("; ", content.Misfits.Take(3))}");
        }

        return found.AllHold;
    }

    /// <summary>A member's hash at the snapshot's revision, or at the one that it can be read at.</summary>
    private static async Task<(KeyHash Hash, long Revision)> HashAsync(EtcdClient client, long revision, CancellationToken cancellationToken)
    {
        try
        {
            return (await client.HashKeysAsync(revision, cancellationToken), revision);
        }
        catch (EtcdException e) when (e.Code == EtcdException.OutOfRange)
        {
            // A restore that bumps revisions marks all that it restored as compacted: it can be read at the bumped revision only.
            var bumped = (await client.HashKeysAsync(0, cancellationToken)).CompactRevision;
            return (await client.HashKeysAsync(bumped, cancellationToken), bumped);
        }
    }

    /// <summary>
    /// Lets etcd itself prove it: its hash over every revision of every key is the file's, its index counts what the file counts, and
    /// samples read as clients would are the file's. Several times faster than reading all.
    /// </summary>
    /// <returns>Whether that settles it. Where it does not, perhaps only because it was compacted since, every key is read.</returns>
    private static async Task<bool> CheckByHashAsync(EtcdClient client, KeyHash hash, SnapshotContent content, Findings report, CancellationToken cancellationToken)
    {
        if (hash.Hash != content.Hash.Hash || Math.Max(hash.CompactRevision, 0) != content.Hash.CompactRevision || content.Counts.Count > MostPrefixes
            || await client.CountAsync([0], EtcdClient.ToTheEnd, content.Revision, cancellationToken) != content.Digest.Keys)
        {
            return false;
        }

        foreach (var prefix in content.Counts.Keys)
        {
            var below = prefix + "/";
            var count = await client.CountAsync(Encoding.UTF8.GetBytes(prefix), [], content.Revision, cancellationToken)
                + await client.CountAsync(Encoding.UTF8.GetBytes(below), EtcdClient.EndOf(below), content.Revision, cancellationToken);
            if (count != content.Counts.Where(c => c.Key == prefix || c.Key.StartsWith(below, StringComparison.Ordinal)).Sum(c => c.Value))
            {
                return false;
            }
        }

        foreach (var (key, digest) in content.Samples)
        {
            var same = false;
            await client.RangeAsync(key, [], 1, content.Revision, (in KeyValue read) => same = ContentDigest.Of(read).Equals(digest), cancellationToken);
            if (!same)
            {
                return false;
            }
        }

        report.Check(PrefixCounts, true, CountsOf(content));
        report.Check(
            Content, true, $"etcd's hash over all their revisions is the file's, {hash.Hash:x8}, and {Figures.Count(content.Samples.Count, "key")} by chance, read one by one, the same as in the file");
        return true;
    }

    private static async Task CheckByKeyAsync(EtcdClient client, long revision, SnapshotContent content, Findings report, CancellationToken cancellationToken)
    {
        var restored = new RestoredContent();
        await restored.ReadAsync(client, revision, cancellationToken);
        var differ = content.Counts.Keys.Union(restored.Counts.Keys).Order(StringComparer.Ordinal)
            .Where(p => content.Counts.GetValueOrDefault(p) != restored.Counts.GetValueOrDefault(p)).ToList();
        report.Check(
            PrefixCounts, differ.Count == 0,
            differ.Count == 0
                ? CountsOf(content)
                : string.Join(", ", differ.Take(5).Select(p => $"{p}: {restored.Counts.GetValueOrDefault(p)} instead of {content.Counts.GetValueOrDefault(p)}")));
        report.Check(
            Content, restored.Digest.ToString() == content.Digest.ToString(), $"digest {restored.Digest} restored, {content.Digest} in the snapshot");
    }

    private static string CountsOf(SnapshotContent content) =>
        $"{Figures.Count(content.Digest.Keys, "key")} under {(content.Counts.Count == 1 ? "1 prefix" : $"{content.Counts.Count} prefixes")}";

    private static async Task CheckMarkersAsync(EtcdClient client, SnapshotNote? note, Findings report, CancellationToken cancellationToken)
    {
        if (note is not { MarkerBefore: { } before, MarkerAfter: { } after, MarkerValue: { } value })
        {
            report.Note("no drill took this snapshot, so there are no markers in it to look for");
            return;
        }

        var found = await client.FindAsync(before, cancellationToken);
        report.Check(
            "the marker from before the snapshot came back", found is not null && Encoding.UTF8.GetString(found) == value,
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
