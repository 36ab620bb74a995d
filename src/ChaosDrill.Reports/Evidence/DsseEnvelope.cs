using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ChaosDrill.Reports.Evidence;

/// <summary>A signed payload in the form of DSSE (Dead Simple Signing Envelope, v1.0.2 of its protocol and envelope pages).</summary>
/// <remarks>ECDSA on P-256 over SHA-256, the signature in ASN.1 DER as sigstore and in-toto write it.</remarks>
internal static partial class DsseEnvelope
{
    /// <summary>Signs a payload.</summary>
    public static string Seal(string payloadType, byte[] payload, ECDsa key)
    {
        var signature = key.SignData(PreAuthentication(payloadType, payload), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        return Write(new Envelope(Convert.ToBase64String(payload), payloadType, [new Signature(EvidenceKey.IdOf(key), Convert.ToBase64String(signature))]));
    }

    /// <summary>Opens an envelope that a key has signed.</summary>
    /// <returns>The payload; or why it must not be trusted.</returns>
    public static (byte[]? Payload, string? Fault) Open(string text, string payloadType, ECDsa key)
    {
        Envelope? envelope;
        byte[] payload;
        byte[] signature;
        try
        {
            envelope = JsonSerializer.Deserialize(text, EnvelopeJson.Default.Envelope);
            if (envelope?.Signatures is not [var only])
            {
                return (null, "the envelope does not hold one signature");
            }

            payload = Convert.FromBase64String(envelope.Payload);
            signature = Convert.FromBase64String(only.Sig);
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            return (null, "the envelope is damaged: " + e.Message.TrimEnd('.'));
        }

        // There is one way to write an envelope: a byte that reading would overlook is an alteration, too.
        if (Write(envelope) != text)
        {
            return (null, "the envelope is not as it was written");
        }

        var id = EvidenceKey.IdOf(key);
        if (envelope.Signatures[0].KeyId != id)
        {
            return (null, $"it was signed with key {envelope.Signatures[0].KeyId}, not with this one ({id})");
        }

        return envelope.PayloadType != payloadType ? (null, $"the payload is of type {envelope.PayloadType}, not {payloadType}")
            : key.VerifyData(PreAuthentication(payloadType, payload), signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence) ? (payload, null)
            : (null, "the signature does not match what was signed");
    }

    // PAE(type, body) of the protocol: the lengths keep one field from running into the next.
    private static byte[] PreAuthentication(string payloadType, byte[] payload) =>
    [
        .. Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $"DSSEv1 {Encoding.UTF8.GetByteCount(payloadType)} {payloadType} {payload.Length} ")),
        .. payload,
    ];

    private static string Write(Envelope envelope) => JsonSerializer.Serialize(envelope, EnvelopeJson.Default.Envelope) + "\n";

    internal sealed record Envelope(string Payload, string PayloadType, IReadOnlyList<Signature> Signatures);

    internal sealed record Signature([property: JsonPropertyName("keyid")] string KeyId, string Sig);

    [JsonSourceGenerationOptions(JsonSerializerDefaults.Strict, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
    [JsonSerializable(typeof(Envelope))]
    private sealed partial class EnvelopeJson : JsonSerializerContext;
}
