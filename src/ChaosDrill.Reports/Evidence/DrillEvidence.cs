using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ChaosDrill.Model.Drills;

namespace ChaosDrill.Reports.Evidence;

/// <summary>What a signature speaks for.</summary>
/// <param name="Name">A file's name, or <c>store/DRILL</c> for the record in the store.</param>
/// <param name="Sha256">Its digest in lower-case hex.</param>
public sealed record EvidenceSubject(string Name, string Sha256)
{
    /// <summary>The name of a drill's record in the store.</summary>
    public static string StoreName(string drillId) => "store/" + drillId;

    /// <summary>The digest of some bytes.</summary>
    public static EvidenceSubject Of(string name, ReadOnlySpan<byte> bytes) => new(name, Convert.ToHexStringLower(SHA256.HashData(bytes)));
}

/// <summary>What opened evidence says.</summary>
/// <param name="Drill">The drill's id.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Subjects">What was signed for.</param>
public sealed record EvidenceClaim(string Drill, string Outcome, IReadOnlyList<EvidenceSubject> Subjects);

/// <summary>
/// Seals the record of a drill: an in-toto statement (v1) over the digests of its documents and of its stored record, in a
/// signed DSSE envelope. Whoever has the public key can tell whether any byte of them was touched since.
/// </summary>
/// <remarks>It proves that nothing changed after the sealing and who sealed it; not that what was sealed is true.</remarks>
public static class DrillEvidence
{
    /// <summary>Name of the envelope's file beside the documents of a drill.</summary>
    public const string FileName = "evidence.dsse.json";

    private const string PayloadType = "application/vnd.in-toto+json";

    private const string StatementType = "https://in-toto.io/Statement/v1";

    private const string PredicateType = "https://chaosdrill.dev/evidence/v1";

    /// <summary>Writes the envelope of a drill.</summary>
    public static string Seal(DrillRecord record, Judgement judgement, IReadOnlyList<EvidenceSubject> subjects, ECDsa key)
    {
        var header = record.Header;
        var statement = new JsonObject
        {
            ["_type"] = StatementType,
            ["subject"] = new JsonArray([.. subjects.Select(s => (JsonNode)new JsonObject { ["name"] = s.Name, ["digest"] = new JsonObject { ["sha256"] = s.Sha256 } })]),
            ["predicateType"] = PredicateType,
            ["predicate"] = new JsonObject
            {
                ["drill"] = header.Id,
                ["scenario"] = header.Scenario,
                ["scenarioSha256"] = header.Source.Digest,
                ["cluster"] = header.Plan.Cluster.Name,
                ["startedAt"] = header.StartedAt.ToString("O"),
                ["virtualTime"] = header.VirtualTime,
                ["outcome"] = judgement.Outcome.ToString().ToLowerInvariant(),
                ["undoComplete"] = judgement.UndoComplete,
                ["timelineEntries"] = record.Timeline.Count,
                ["tool"] = "chaosdrill " + header.ToolVersion,
            },
        };
        return DsseEnvelope.Seal(PayloadType, Encoding.UTF8.GetBytes(statement.ToJsonString()), key);
    }

    /// <summary>Opens an envelope.</summary>
    /// <returns>What it says; or why it must not be trusted.</returns>
    public static (EvidenceClaim? Claim, string? Fault) Open(string envelope, ECDsa key)
    {
        var (payload, fault) = DsseEnvelope.Open(envelope, PayloadType, key);
        if (payload is null)
        {
            return (null, fault);
        }

        try
        {
            using var statement = JsonDocument.Parse(payload);
            var root = statement.RootElement;
            if (root.GetProperty("_type").GetString() != StatementType || root.GetProperty("predicateType").GetString() != PredicateType)
            {
                return (null, "it is signed, but it is no evidence of a drill");
            }

            var predicate = root.GetProperty("predicate");
            return (
                new EvidenceClaim(
                    predicate.GetProperty("drill").GetString()!, predicate.GetProperty("outcome").GetString()!,
                    [.. root.GetProperty("subject").EnumerateArray().Select(s => new EvidenceSubject(s.GetProperty("name").GetString()!, s.GetProperty("digest").GetProperty("sha256").GetString()!))]),
                null);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return (null, "it is signed, but it is no evidence that this version knows: " + e.Message.TrimEnd('.'));
        }
    }
}
