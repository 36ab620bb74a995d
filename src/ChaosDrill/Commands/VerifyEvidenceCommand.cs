using System.CommandLine;
using System.Text;
using ChaosDrill.Hosting;
using ChaosDrill.Reports;
using ChaosDrill.Reports.Evidence;
using ChaosDrill.Store;
using ChaosDrill.Views;

namespace ChaosDrill.Commands;

/// <summary><c>chaosdrill verify-evidence</c>.</summary>
internal static class VerifyEvidenceCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var folder = new Argument<string>("FOLDER") { Description = $"Folder of a drill's report; it holds {DrillEvidence.FileName} and what that speaks for." };
        var key = CommonOptions.Text("--key", "FILE", $"The public key of whoever sealed it (PEM). Default: the key that ${Sealing.KeyVariable} names.");
        var store = CommonOptions.Store();
        var command = new DrillCommand(
            "verify-evidence", "Tell whether the record of a drill was touched since it was sealed. Ends with 0 when it was not, with 1 when it was, with 64 when that cannot be told.")
        {
            Examples =
            [
                ("Make a key pair", "openssl ecparam -name prime256v1 -genkey -noout -out drill-key.pem\n  openssl ec -in drill-key.pem -pubout -out drill-key.pub.pem"),
                ("Seal a drill's report with it", "chaosdrill run scenarios/pod-kill.yaml --sign-key drill-key.pem"),
                ("Verify it", "chaosdrill verify-evidence reports/storefront-pod-kill-20261121-031500-x7k2 --key drill-key.pub.pem"),
            ],
        };
        command.Add(folder);
        command.Add(key);
        command.Add(store);
        command.SetAction(parsed => (int)Verify(parsed.GetRequiredValue(folder), parsed.GetValue(key), parsed.GetValue(store)));
        return command;
    }

    private static ExitCode Verify(string folder, string? keyFile, string? store)
    {
        var envelope = Encoding.UTF8.GetString(Read(Path.Combine(folder, DrillEvidence.FileName)) ?? throw new CommandException(
            ExitCode.BadUsage, $"{folder} holds no {DrillEvidence.FileName}: the drill was not sealed, or this is not the folder of its report"));
        var (claim, fault) = Open(envelope, keyFile);
        if (claim is null)
        {
            Tell(false, DrillEvidence.FileName, fault!);
            return ExitCode.Fail;
        }

        var intact = true;
        foreach (var subject in claim.Subjects)
        {
            var (isIntact, words) = subject.Name == EvidenceSubject.StoreName(claim.Drill) ? Stored(store, claim.Drill, subject) : Document(folder, subject);
            intact &= isIntact != false;
            Tell(isIntact, subject.Name, words);
        }

        Terminal.Current.Write(intact
            ? new StyledLine().Add("intact", Tone.Good).Add($"  {claim.Drill}, {claim.Outcome}")
            : new StyledLine().Add("TOUCHED", Tone.Bad).Add($"  {claim.Drill}: what is marked is not what was sealed"));
        return intact ? ExitCode.Pass : ExitCode.Fail;
    }

    private static (EvidenceClaim? Claim, string? Fault) Open(string envelope, string? keyFile)
    {
        keyFile ??= Environment.GetEnvironmentVariable(Sealing.KeyVariable);
        if (string.IsNullOrEmpty(keyFile))
        {
            throw new CommandException(ExitCode.BadUsage, "without a key nobody can tell who sealed it; name the public one with --key");
        }

        try
        {
            using var key = EvidenceKey.Public(keyFile);
            return DrillEvidence.Open(envelope, key);
        }
        catch (ReportException e)
        {
            throw new CommandException(ExitCode.BadUsage, e.Message, e);
        }
    }

    private static (bool? IsIntact, string Words) Document(string folder, EvidenceSubject subject)
    {
        // The names are signed, yet a name from a file is not a path to follow.
        if (Path.GetFileName(subject.Name) != subject.Name || Read(Path.Combine(folder, subject.Name)) is not { } bytes)
        {
            return (false, "it is missing");
        }

        return EvidenceSubject.Of(subject.Name, bytes) == subject ? (true, "as it was sealed") : (false, "it was changed after it was sealed");
    }

    // A drill may have been pruned, or have run elsewhere: its documents are evidence all the same.
    private static (bool? IsIntact, string Words) Stored(string? store, string drill, EvidenceSubject subject)
    {
        var path = Places.Store(store);
        if (!StoreTarget.IsServer(path) && !File.Exists(path))
        {
            return (store is null ? null : false, $"there is no store at {path}");
        }

        using var drills = DrillStore.OpenReadOnly(path);
        try
        {
            return drills.Digest(drill) == subject.Sha256 ? (true, "as it was sealed") : (false, "the stored record was changed after it was sealed");
        }
        catch (DrillLookupException)
        {
            return (null, $"this drill is not in the store {drills.Place}");
        }
    }

    private static byte[]? Read(string file)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.BadUsage, $"cannot read {file}: {FileFaults.Explain(e, file)}", e);
        }
    }

    private static void Tell(bool? isIntact, string name, string words)
    {
        var (sign, tone) = isIntact switch { true => ("✓", Tone.Good), false => ("✗", Tone.Bad), null => ("?", Tone.Warning) };
        Terminal.Current.Write(new StyledLine().Add($"  {sign} ", tone).Add($"{name}: {words}"));
    }
}
