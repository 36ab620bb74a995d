using System.Security.Cryptography;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Model.Drills;
using ChaosDrill.Reports;
using ChaosDrill.Reports.Templates;
using ChaosDrill.Store;

namespace ChaosDrill.Hosting;

/// <summary>Leaves the documents of a drill in a folder.</summary>
internal static class Reporting
{
    /// <summary>A year of nights.</summary>
    private const int MostEarlier = 366;

    /// <summary>Finds the templates before anything is done that would be reported with them.</summary>
    /// <param name="templates">A user's folder; null is the shipped ones.</param>
    /// <exception cref="CommandException">The folder cannot be used.</exception>
    public static TemplateFolder Check(string? templates)
    {
        try
        {
            return templates is null ? TemplateFolder.Shipped : TemplateFolder.At(templates);
        }
        catch (TemplateException e)
        {
            throw new CommandException(ExitCode.BadUsage, e.Message, e);
        }
    }

    /// <summary>
    /// Fills the templates with a drill in which something happened: a wrong template is found before the drill, not after
    /// it, and the real report is there sooner.
    /// </summary>
    /// <param name="templates">A user's folder; null is the shipped ones.</param>
    /// <exception cref="CommandException">A template is wrong.</exception>
    public static void Rehearse(string? templates)
    {
        if (TemplateCheck.Filling(Check(templates)) is [var first, ..])
        {
            throw new CommandException(ExitCode.BadUsage, first.Message, first);
        }
    }

    /// <summary>Writes the documents, and seals them when there is a key.</summary>
    /// <returns>The page for people.</returns>
    /// <exception cref="CommandException">They cannot be written.</exception>
    public static string Write(string folder, DrillRecord record, Judgement judgement, string? templates, DrillStore store, ECDsa? key)
    {
        try
        {
            var earlier = store.Judgements(new HistoryFilter
            {
                Scenario = record.Header.Scenario, Cluster = record.Header.Plan.Cluster.Name, Until = record.Header.StartedAt, Limit = MostEarlier,
            });
            var page = ReportFolder.Write(folder, record, judgement, Check(templates), earlier)[0];
            if (key is not null)
            {
                Sealing.Write(folder, record, judgement, store.Digest(record.Header.Id), key);
            }

            return page;
        }
        catch (Exception e) when (e is TemplateException or ReportException)
        {
            throw new CommandException(ExitCode.BadUsage, e.Message, e);
        }
    }

    /// <summary>Writes the documents of a drill that has just ended. A report that fails does not change how the drill ended.</summary>
    /// <returns>The page for people; null when it could not be written, which was said.</returns>
    public static string? TryWrite(
        string folder, DrillRecord record, Judgement judgement, string? templates, DrillStore store, ECDsa? key, TextWriter errors)
    {
        try
        {
            return Write(folder, record, judgement, templates, store, key);
        }
        catch (Exception e) when (e is CommandException or JournalException)
        {
            errors.WriteLine($"error: the drill is stored, but its report could not be written: {e.Message}");
            errors.WriteLine($"  Write it again with: chaosdrill report {record.Header.Id}");
            return null;
        }
    }
}
