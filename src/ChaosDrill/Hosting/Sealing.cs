using System.Security.Cryptography;
using ChaosDrill.Model.Drills;
using ChaosDrill.Reports;
using ChaosDrill.Reports.Documents;
using ChaosDrill.Reports.Evidence;

namespace ChaosDrill.Hosting;

/// <summary>Seals the documents of a drill with the user's key.</summary>
internal static class Sealing
{
    /// <summary>The variable that names the key when <c>--sign-key</c> does not.</summary>
    public const string KeyVariable = "CHAOSDRILL_SIGN_KEY";

    /// <summary>The documents that are signed for; people go on writing in the others.</summary>
    private static readonly string[] Signed = ["drill.json", "junit.xml"];

    /// <summary>Finds the key before anything is done that would be sealed with it; null when none is named.</summary>
    /// <exception cref="CommandException">It cannot be used.</exception>
    public static ECDsa? Key(string? named)
    {
        var file = named ?? Environment.GetEnvironmentVariable(KeyVariable);
        try
        {
            return string.IsNullOrEmpty(file) ? null : EvidenceKey.Private(file);
        }
        catch (ReportException e)
        {
            throw new CommandException(ExitCode.BadUsage, e.Message, e);
        }
    }

    /// <summary>Seals the documents in a folder and the stored record.</summary>
    /// <exception cref="CommandException">A document cannot be read, or the envelope cannot be written.</exception>
    public static void Write(string folder, DrillRecord record, Judgement judgement, string storedDigest, ECDsa key)
    {
        try
        {
            List<EvidenceSubject> subjects =
            [
                .. Signed.Select(name => EvidenceSubject.Of(name, File.ReadAllBytes(Path.Combine(folder, name)))),
                new EvidenceSubject(EvidenceSubject.StoreName(record.Header.Id), storedDigest),
            ];
            WholeFile.Replace(Path.Combine(folder, DrillEvidence.FileName), DrillEvidence.Seal(record, judgement, subjects, key));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.BadUsage, $"the report in {folder} could not be sealed: {e.Message.TrimEnd('.')}", e);
        }
    }
}
