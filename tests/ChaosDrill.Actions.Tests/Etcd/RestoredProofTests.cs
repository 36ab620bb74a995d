using System.Globalization;
using ChaosDrill.Actions.Etcd.Snapshots;
using ChaosDrill.Actions.Restores.EtcdRestoreVerify;
using ChaosDrill.Actions.Restores.SelfTest;
using Xunit;

namespace ChaosDrill.Actions.Tests.Etcd;

public sealed class RestoredProofTests
{
    private const string Values = "every key has its value and revisions";

    /// <summary>What the file's hash is worth: it is etcd's own, whatever was written over, deleted and compacted.</summary>
    [RealEtcdFact]
    public async Task Hash_OfTheFile_IsWhatEtcdAnswers()
    {
        await using var source = await SourceEtcd.StartAsync();
        using var client = source.Client();
        var random = new Random(7);
        for (var round = 0; round < 8; round++)
        {
            for (var i = 0; i < 40; i++)
            {
                var key = $"/app/{random.Next(15)}";
                await (random.Next(3) == 0 ? client.DeleteAsync(key, SourceEtcd.Stop) : client.PutAsync(key, new byte[random.Next(30)], SourceEtcd.Stop));
            }

            // The first round keeps all history; later ones end at a tombstone, or with nothing left at all.
            var revision = (await client.StatusAsync(SourceEtcd.Stop)).Revision;
            if (round > 0)
            {
                await CtlAsync(source, "compact", (revision - random.Next(0, round == 7 ? 1 : 20)).ToString(CultureInfo.InvariantCulture));
            }

            if (round >= 6)
            {
                await client.DeletePrefixAsync("/app/", SourceEtcd.Stop);
            }

            var content = await SnapshotAsync(source);
            var answered = await client.HashKeysAsync(content.Revision, SourceEtcd.Stop);
            Assert.Equal((round, answered.Hash, Math.Max(answered.CompactRevision, 0)), (round, content.Hash.Hash, content.Hash.CompactRevision));
        }
    }

    [RealEtcdFact]
    public async Task Proof_OfTheSnapshotsContent_Holds_ByHash_AndKeyByKeyWhereItWasCompactedSince()
    {
        await using var source = await SourceEtcd.StartAsync();
        await WriteAsync(source, "right");
        var content = await SnapshotAsync(source);
        var findings = await ProveAsync(source, content);
        Assert.Null(findings.Trouble);
        Assert.Contains("etcd's hash", EvidenceOf(findings), StringComparison.Ordinal);

        await CtlAsync(source, "compact", (content.Revision - 3).ToString(CultureInfo.InvariantCulture));
        findings = await ProveAsync(source, content);
        Assert.Null(findings.Trouble);
        Assert.StartsWith("digest", EvidenceOf(findings), StringComparison.Ordinal);
    }

    [RealEtcdFact]
    public async Task Proof_OfAnotherContent_Fails_ThoughKeysAndRevisionsAreTheSame()
    {
        await using var right = await SourceEtcd.StartAsync();
        await using var wrong = await SourceEtcd.StartAsync();
        await WriteAsync(right, "right");
        await WriteAsync(wrong, "wrong");
        var findings = await ProveAsync(wrong, await SnapshotAsync(right));
        Assert.Equal(Values, Assert.Single(findings.Checks, c => c.Held != true).Check);
    }

    [RealEtcdFact]
    public async Task Proof_OfAnEtcdWithoutOneOfTheKeys_Fails()
    {
        await using var right = await SourceEtcd.StartAsync();
        await using var wrong = await SourceEtcd.StartAsync();
        await WriteAsync(right, "right");
        await right.PutAsync("/registry/secrets/shop/last", "{}");
        await WriteAsync(wrong, "right");
        await wrong.PutAsync("/registry/pods/shop/other", "{}");
        var findings = await ProveAsync(wrong, await SnapshotAsync(right));
        Assert.Contains(findings.Checks, c => c is { Held: false, Evidence: "/registry/pods: 1 instead of 0, /registry/secrets: 0 instead of 1" });
        Assert.Contains(findings.Checks, c => c.Held == false && c.Check == Values);
    }

    private static string EvidenceOf(CollectedFindings findings) => Assert.Single(findings.Checks, c => c.Check == Values).Evidence;

    private static async Task WriteAsync(SourceEtcd etcd, string value)
    {
        for (var i = 0; i < 10; i++)
        {
            await etcd.PutAsync($"/app/{i % 7}", value + i);
        }

        await etcd.PutAsync("top", value);
    }

    private static async Task<CollectedFindings> ProveAsync(SourceEtcd etcd, SnapshotContent content)
    {
        var findings = new CollectedFindings(TimeProvider.System);
        var members = await etcd.Cluster.HealthyAsync(TimeSpan.FromSeconds(60), SourceEtcd.Stop);
        await RestoredProof.CompareAsync(
            etcd.Cluster.Access, [.. etcd.Cluster.Members.Zip(members, (m, status) => (m.Name, m.ClientUrl, status))], null, content, findings, TimeProvider.System, SourceEtcd.Stop);
        return findings;
    }

    private static async Task<SnapshotContent> SnapshotAsync(SourceEtcd source)
    {
        var path = Path.Combine(source.Folder, Guid.NewGuid().ToString("N"));
        await CtlAsync(source, "snapshot", "save", path);
        return SnapshotContent.Read(SnapshotFile.Read(path));
    }

    private static async Task CtlAsync(SourceEtcd source, params string[] arguments)
    {
        var result = await source.Tools.Ctl!.RunAsync([.. source.Cluster.Access.Arguments, .. arguments], TimeSpan.FromMinutes(1), TimeProvider.System, null, SourceEtcd.Stop);
        Assert.True(result.ExitCode == 0, result.Errors);
    }
}
