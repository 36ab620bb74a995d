using System.Security.Cryptography;

namespace ChaosDrill.Tests.Process;

/// <summary>Sealed drills as a user checks them: any altered byte of the record is found, in the documents and in the store.</summary>
public sealed class EvidenceTests : IDisposable
{
    private readonly Chaosdrill _chaosdrill = new();

    public void Dispose() => _chaosdrill.Dispose();

    [Fact]
    public async Task SealedDrill_UntouchedThenTouched_IsTold()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var (secret, open) = (_chaosdrill.Write("key.pem", key.ExportECPrivateKeyPem()), _chaosdrill.Write("key.pub.pem", key.ExportSubjectPublicKeyInfoPem()));
        await _chaosdrill.RunAsync("run", Chaosdrill.Scenario, "--virtual-time", "--seed", "7", "--sign-key", secret);
        var report = Assert.Single(Directory.GetDirectories(Path.Combine(_chaosdrill.Folder, "reports")));
        async Task<Ended> VerifyAsync(params string[] more) => await _chaosdrill.RunAsync(["verify-evidence", report, .. more]);

        var intact = await VerifyAsync("--key", open);
        Assert.True(intact.Code == 0, intact.Out + intact.Error);
        Assert.DoesNotContain("?", intact.Out, StringComparison.Ordinal);
        Assert.Equal(64, (await VerifyAsync()).Code);

        // A post-mortem is written by people, too: it is not part of the seal, and rendering it again must not break it.
        await File.AppendAllTextAsync(Path.Combine(report, "postmortem.md"), "more\n");
        Assert.Equal(0, (await VerifyAsync("--key", open)).Code);

        var document = Path.Combine(report, "drill.json");
        var bytes = await File.ReadAllBytesAsync(document);
        var random = new Random(7);
        for (var round = 0; round < 5; round++)
        {
            var touched = bytes.ToArray();
            touched[random.Next(touched.Length)] ^= 1;
            await File.WriteAllBytesAsync(document, touched);
            Assert.Equal(1, (await VerifyAsync("--key", open)).Code);
        }

        File.Delete(document);
        Assert.Contains("drill.json: it is missing", (await VerifyAsync("--key", open)).Out, StringComparison.Ordinal);
        await File.WriteAllBytesAsync(document, bytes);

        // The same size, another word: what an altered store looks like.
        var store = Path.Combine(_chaosdrill.Home, "drills.db");
        var stored = await File.ReadAllBytesAsync(store);
        var at = stored.AsSpan().IndexOf("Shoppers must not notice"u8);
        stored[at] = (byte)'s';
        await File.WriteAllBytesAsync(store, stored);
        var altered = await VerifyAsync("--key", open);
        Assert.Equal(1, altered.Code);
        Assert.Contains("the stored record was changed after it was sealed", altered.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignKey_NotUsable_RefusesTheDrillBeforeItBegins()
    {
        var ended = await _chaosdrill.RunAsync("run", Chaosdrill.Scenario, "--virtual-time", "--sign-key", _chaosdrill.Write("key.pem", "no key"));

        Assert.Equal(64, ended.Code);
        Assert.Contains("key.pem is no unencrypted ECDSA key in PEM", ended.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_chaosdrill.Folder, "reports")));
    }
}
