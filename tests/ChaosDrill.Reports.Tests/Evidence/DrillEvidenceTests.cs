using System.Security.Cryptography;
using System.Text;
using ChaosDrill.Reports.Evidence;
using Xunit;

namespace ChaosDrill.Reports.Tests.Evidence;

public sealed class DrillEvidenceTests : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly byte[] _document = Encoding.UTF8.GetBytes("{\"drill\":1}\n");
    private readonly string _envelope;

    public DrillEvidenceTests()
    {
        var (record, judgement) = Gallery.Pass();
        _envelope = DrillEvidence.Seal(record, judgement, [EvidenceSubject.Of("drill.json", _document)], _key);
    }

    public void Dispose() => _key.Dispose();

    [Fact]
    public void Open_WithTheKey_SaysWhatWasSealed()
    {
        var (claim, fault) = DrillEvidence.Open(_envelope, _key);

        Assert.Null(fault);
        Assert.Equal((Gallery.Pass().Record.Header.Id, "pass", EvidenceSubject.Of("drill.json", _document)), (claim!.Drill, claim.Outcome, Assert.Single(claim.Subjects)));
    }

    [Fact]
    public void Open_AnyByteOfTheEnvelopeAltered_IsFound()
    {
        var bytes = Encoding.UTF8.GetBytes(_envelope);
        for (var i = 0; i < bytes.Length; i++)
        {
            foreach (var bit in (byte[])[0x01, 0x20])
            {
                bytes[i] ^= bit;
                Assert.True(DrillEvidence.Open(Encoding.UTF8.GetString(bytes), _key).Claim is null, $"bit {bit} of byte {i} was altered unseen");
                bytes[i] ^= bit;
            }
        }
    }

    [Fact]
    public void Subject_AnyByteOfTheDocumentAltered_Differs()
    {
        var sealedAs = EvidenceSubject.Of("drill.json", _document);
        for (var i = 0; i < _document.Length * 8; i++)
        {
            _document[i / 8] ^= (byte)(1 << (i % 8));
            Assert.NotEqual(sealedAs, EvidenceSubject.Of("drill.json", _document));
            _document[i / 8] ^= (byte)(1 << (i % 8));
        }

        Assert.NotEqual(sealedAs, EvidenceSubject.Of("drill.json", [.. _document, (byte)'\n']));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"payload":"","payloadType":"application/vnd.in-toto+json","signatures":[]}""")]
    [InlineData("""{"payload":"%","payloadType":"application/vnd.in-toto+json","signatures":[{"keyid":"a","sig":"b"}]}""")]
    public void Open_NoEnvelope_IsAFaultAndNoException(string text) => Assert.NotNull(DrillEvidence.Open(text, _key).Fault);

    [Fact]
    public void Open_SignedByAnother_NamesBothKeys()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        Assert.StartsWith("it was signed with key ", DrillEvidence.Open(_envelope, other).Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Key_NotOneForThis_IsRefusedWithTheCommandThatMakesOne()
    {
        using var folder = new TempFolder();
        using var rsa = RSA.Create(2048);
        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var right = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string Key(string pem)
        {
            var file = Path.Combine(folder.Path, Path.GetRandomFileName());
            File.WriteAllText(file, pem);
            return file;
        }

        Assert.Contains("prime256v1", Assert.Throws<ReportException>(() => EvidenceKey.Private(Key(rsa.ExportPkcs8PrivateKeyPem()))).Message, StringComparison.Ordinal);
        Assert.Contains("another curve than P-256", Assert.Throws<ReportException>(() => EvidenceKey.Private(Key(p384.ExportPkcs8PrivateKeyPem()))).Message, StringComparison.Ordinal);
        Assert.Contains("a public key only", Assert.Throws<ReportException>(() => EvidenceKey.Private(Key(right.ExportSubjectPublicKeyInfoPem()))).Message, StringComparison.Ordinal);
        Assert.Contains("cannot be read", Assert.Throws<ReportException>(() => EvidenceKey.Public(Path.Combine(folder.Path, "none"))).Message, StringComparison.Ordinal);
        EvidenceKey.Private(Key(right.ExportECPrivateKeyPem())).Dispose();
        EvidenceKey.Public(Key(right.ExportSubjectPublicKeyInfoPem())).Dispose();
    }
}
