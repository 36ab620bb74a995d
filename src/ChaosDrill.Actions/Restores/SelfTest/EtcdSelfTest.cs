using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using ChaosDrill.Actions.Etcd.Client;
using ChaosDrill.Actions.Etcd.Local;
using ChaosDrill.Actions.Etcd.Snapshots;
using ChaosDrill.Actions.Restores.EtcdRestoreVerify;
using ChaosDrill.Actions.Restores.EtcdSnapshot;
using ChaosDrill.Engine.Ports;

namespace ChaosDrill.Actions.Restores.SelfTest;

/// <summary>One control of the self-test.</summary>
/// <param name="Name">What was done to the snapshot.</param>
/// <param name="Passed">Whether the verification said what it had to: good of the sound one, bad of all others.</param>
/// <param name="Said">What it said.</param>
public sealed record SelfTestResult(string Name, bool Passed, string Said);

/// <summary>
/// Holds the verification of restores against snapshots that are known to be bad: a check that cannot fail proves nothing.
/// Starts an etcd of its own on loopback, takes a snapshot, and damages copies of it.
/// </summary>
public static class EtcdSelfTest
{
    private const int Keys = 200;
    private const string ClusterUid = "5e1f7e57-0000-4000-8000-000000000001";

    /// <summary>Runs every control, one after the other.</summary>
    /// <param name="bin">Folder of etcd's programs; null looks in PATH.</param>
    /// <param name="seed">Seed of the places that are damaged.</param>
    /// <param name="clock">For limits.</param>
    /// <param name="cancellationToken">Stops between two.</param>
    /// <exception cref="ClusterException">etcd's programs are missing or do not work.</exception>
    public static async IAsyncEnumerable<SelfTestResult> RunAsync(
        string? bin, int seed, TimeProvider clock, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var tools = await EtcdTools.FindAsync(bin, clock, cancellationToken);
        if (tools.MissingToRestore().Concat(tools.MissingToSave()).FirstOrDefault() is { } missing)
        {
            throw new ClusterException($"{missing.Message}; {missing.Mend}");
        }

        LocalPlace.ClearDead(Path.GetTempPath());
        var findings = new CollectedFindings(clock);
        var place = LocalPlace.In(Path.GetTempPath());
        findings.RecordUndo(LocalPlace.UndoKind, "", place.Payload);
        try
        {
            place.Make();
            var snapshot = await TakeAsync(tools, bin, place, findings, clock, cancellationToken);
            foreach (var control in Controls(snapshot, place.Folder, seed))
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return await HoldAsync(control, tools, place.Folder, clock, cancellationToken);
            }

            yield return await WithoutHashCheckAsync(snapshot, tools, place.Folder, clock, cancellationToken);
        }
        finally
        {
            await findings.UndoAllAsync();
        }
    }

    /// <summary>A source with objects, and a snapshot of it with its note.</summary>
    private static async Task<string> TakeAsync(
        EtcdTools tools, string? bin, LocalPlace place, CollectedFindings findings, TimeProvider clock, CancellationToken cancellationToken)
    {
        await using var source = new LocalEtcd(tools, place, 1, clock);
        source.Start();
        await source.HealthyAsync(TimeSpan.FromSeconds(30), cancellationToken);
        using var client = new EtcdClient(source.Access, clock);
        await client.PutAsync(
            "/registry/namespaces/kube-system", Encoding.UTF8.GetBytes($$$"""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"kube-system","uid":"{{{ClusterUid}}}"}}"""), cancellationToken);
        for (var i = 0; i < Keys; i++)
        {
            await client.PutAsync($"/registry/configmaps/shop/settings-{i}", Encoding.UTF8.GetBytes(
                $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"settings-{{{i}}}","namespace":"shop"},"data":{"filler":"{{{new string('x', 500)}}}"}}"""), cancellationToken);
        }

        var taken = new TakenSnapshots();
        var activity = new EtcdSnapshotActivity(new EtcdSnapshot.EtcdSnapshot { Folder = Path.Combine(place.Folder, "snapshots"), Bin = bin }, source.Access, taken, clock);
        await activity.RunAsync(new ActivityPlan("", [], null, []), findings, cancellationToken);
        return taken.Last ?? throw new ClusterException($"the self-test's own snapshot does not stand up: {findings.Trouble}");
    }

    private static IEnumerable<Control> Controls(string snapshot, string folder, int seed)
    {
        var bytes = File.ReadAllBytes(snapshot);
        var random = new Random(seed);
        yield return new Control("a sound snapshot, 1 member", snapshot, IsGood: true);
        yield return new Control("a sound snapshot, 3 members", snapshot, IsGood: true, Members: 3);
        foreach (var at in Enumerable.Range(0, 40).Select(_ => random.Next(bytes.Length)).Concat([0, 4095, 4096, bytes.Length - 33, bytes.Length - 32, bytes.Length - 1]))
        {
            yield return Damaged($"byte {at} flipped", [.. bytes[..at], (byte)(bytes[at] ^ (1 << random.Next(8))), .. bytes[(at + 1)..]]);
        }

        int[] lengths = [1, 31, 32, 33, 511, 512, 544, 4096, 4128, 8192, 8224, 12320, bytes.Length / 2, (bytes.Length / 2 / 512 * 512) + 32, bytes.Length - 544, bytes.Length - 512, bytes.Length - 33, bytes.Length - 1];
        foreach (var length in lengths)
        {
            yield return Damaged($"cut off after {length} bytes", bytes[..length]);
        }

        yield return Damaged("trailer removed", bytes[..^32]);
        yield return Damaged("empty", []);
        yield return Damaged("512 bytes too many", [.. bytes, .. new byte[512]]);
        yield return Damaged("nothing but zeros, with the right trailer", Sealed(new byte[bytes.Length - 32]));
        yield return Damaged("a value changed, with the right trailer", Sealed(WithOtherValue(bytes)));
        yield return Damaged("two pages swapped, with the right trailer", Sealed(WithSwappedPages(bytes)));
        yield return Damaged("the last quarter zeros, of the right length", [.. bytes[..(bytes.Length * 3 / 4)], .. new byte[bytes.Length - (bytes.Length * 3 / 4)]]);
        yield return Damaged("the last quarter zeros, with the right trailer", Sealed([.. bytes[..(bytes.Length * 3 / 4)], .. new byte[bytes.Length - 32 - (bytes.Length * 3 / 4)]]));
        yield return Damaged("both descriptions of the tree damaged, with the right trailer", Sealed([.. bytes[..20], (byte)(bytes[20] ^ 1), .. bytes[21..4116], (byte)(bytes[4116] ^ 1), .. bytes[4117..^32]]));
        yield return Damaged("put behind itself", [.. bytes, .. bytes]);
        yield return Damaged("put behind itself, with the right trailer", Sealed([.. bytes[..^32], .. bytes[..^32]]));
        yield return Damaged("compressed", Compressed(bytes));
        yield return Damaged("another file's trailer", [.. bytes[..^32], .. SHA256.HashData(bytes)]);
        yield return Directory("a folder");
        yield return Linked("a link to itself");
        var forged = Damaged("a value changed, with the right trailer and without its note", Sealed(WithOtherValue(bytes)));
        File.Delete(forged.File + SnapshotNote.Suffix);
        yield return forged;
        yield return new Control("missing", Path.Combine(folder, "no-such-file.db"));
        yield return new Control("of another cluster", snapshot, ClusterUid: "5e1f7e57-0000-4000-8000-000000000002");
        yield return new Control("older than allowed", snapshot, MaxAge: TimeSpan.FromMilliseconds(1));

        // Kinds of files that no snapshot is; each in a place of its own.
        Control Directory(string name)
        {
            var path = Path.Combine(folder, "folder.db");
            System.IO.Directory.CreateDirectory(path);
            return new Control(name, path);
        }

        Control Linked(string name)
        {
            var path = Path.Combine(folder, "link.db");
            File.CreateSymbolicLink(path, path);
            return new Control(name, path);
        }

        Control Damaged(string name, byte[] content)
        {
            var path = Path.Combine(folder, "control.db");
            File.WriteAllBytes(path, content);
            File.Copy(snapshot + SnapshotNote.Suffix, path + SnapshotNote.Suffix, overwrite: true);
            return new Control(name, path);
        }
    }

    private static byte[] Sealed(byte[] database) => [.. database, .. SHA256.HashData(database)];

    private static byte[] Compressed(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var zip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            zip.Write(bytes);
        }

        return packed.ToArray();
    }

    /// <summary>The database with the last two of its pages that hold values of objects in each other's place.</summary>
    private static byte[] WithSwappedPages(byte[] snapshot)
    {
        const int Page = 4096;
        var database = snapshot[..^32];
        var ends = Enumerable.Range(2, (database.Length / Page) - 2).Where(p => database.AsSpan(p * Page, Page).IndexOf("/registry/configmaps"u8) >= 0).TakeLast(2).ToList();
        var first = database[(ends[0] * Page)..((ends[0] + 1) * Page)];
        database.AsSpan(ends[1] * Page, Page).CopyTo(database.AsSpan(ends[0] * Page));
        first.CopyTo(database.AsSpan(ends[1] * Page));
        return database;
    }

    /// <summary>The database with one letter of the last written value changed, without its trailer; also in the free pages, where copies of it may lie.</summary>
    private static byte[] WithOtherValue(byte[] snapshot)
    {
        var database = snapshot[..^32];
        var before = Encoding.UTF8.GetBytes($$$"""settings-{{{Keys - 1}}}","namespace":"shop"},"data":{"filler":"x""");
        for (int next, at = 0; (next = database.AsSpan(at).IndexOf(before)) >= 0; at += next + 1)
        {
            database[at + next + before.Length - 1] = (byte)'y';
        }

        return database;
    }

    private static async Task<SelfTestResult> HoldAsync(Control control, EtcdTools tools, string folder, TimeProvider clock, CancellationToken cancellationToken)
    {
        var findings = new CollectedFindings(clock);
        var outcome = await new RestoreVerification(tools, clock).RunAsync(
            new VerificationRequest(control.File, control.MaxAge, control.ClusterUid, control.Members, folder, TimeSpan.FromMinutes(2)), findings, cancellationToken);
        var trouble = findings.Trouble ?? outcome.Reason;
        return new SelfTestResult(
            control.Name, control.IsGood ? trouble is null : trouble is not null,
            trouble ?? $"{findings.Checks.Count.ToString(CultureInfo.InvariantCulture)} checks hold");
    }

    /// <summary>A snapshot with a changed value, restored by force: the process answers, and yet it is not the data.</summary>
    private static async Task<SelfTestResult> WithoutHashCheckAsync(
        string snapshot, EtcdTools tools, string folder, TimeProvider clock, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, "forced.db");
        await File.WriteAllBytesAsync(path, [.. WithOtherValue(await File.ReadAllBytesAsync(snapshot, cancellationToken)), .. new byte[32]], cancellationToken);
        var content = SnapshotContent.Read(SnapshotFile.Read(snapshot));
        var place = LocalPlace.In(folder);
        place.Make();
        await using var etcd = new LocalEtcd(tools, place, 1, clock);
        var refused = await etcd.RestoreAsync(path, TimeSpan.FromMinutes(1), cancellationToken, more: ["--skip-hash-check"]);
        var restored = new RestoredContent();
        if (refused is null)
        {
            etcd.Start();
            await etcd.HealthyAsync(TimeSpan.FromSeconds(30), cancellationToken);
            using var client = new EtcdClient(etcd.Access, clock);
            await restored.ReadAsync(client, content.Revision, cancellationToken);
        }

        return new SelfTestResult(
            "a value changed, restored with --skip-hash-check", refused is not null || restored.Digest.ToString() != content.Digest.ToString(),
            refused ?? $"digest {restored.Digest} restored, {content.Digest} in the snapshot");
    }

    private sealed record Control(string Name, string File, bool IsGood = false, int Members = 1, string? ClusterUid = EtcdSelfTest.ClusterUid, TimeSpan? MaxAge = null);
}
