using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;

namespace ChaosDrill.Actions.Etcd.Local;

/// <summary>
/// A folder and processes of a drill's own on this machine. Its way back is written down before either is made, and it is
/// provable: processes carry the mark, and the folder holds it in a file.
/// </summary>
/// <param name="Folder">The folder.</param>
/// <param name="Mark">Random text that its processes carry.</param>
internal sealed record LocalPlace(string Folder, string Mark)
{
    public const string UndoKind = "localEtcd";

    private const string Prefix = "chaosdrill-etcd-";
    private const string MarkFile = ".chaosdrill";

    /// <summary>Processes of one place: the tool and up to so many members.</summary>
    private const int MostProcesses = 10;

    /// <summary>The token that members of this place know each other by.</summary>
    public string Token => "chaosdrill-" + Mark;

    /// <summary>A place that is not made yet.</summary>
    /// <param name="parent">Where its folder is to be.</param>
    public static LocalPlace In(string parent)
    {
        var mark = RandomNumberGenerator.GetHexString(32, lowercase: true);
        return new LocalPlace(Path.Combine(Path.GetFullPath(parent), Prefix + mark[..12]), mark);
    }

    /// <summary>The mark of one process: 0 is the tool, members count from 1.</summary>
    public string MarkOf(int process) => Mark + "-" + process.ToString(CultureInfo.InvariantCulture);

    /// <summary>What has to be written down before it is made.</summary>
    public string Payload => new JsonObject { ["folder"] = Folder, ["mark"] = Mark, ["host"] = Environment.MachineName }.ToJsonString();

    /// <summary>Makes the folder, readable by this user alone.</summary>
    /// <exception cref="ClusterException">It cannot be made.</exception>
    public void Make()
    {
        try
        {
            _ = OperatingSystem.IsWindows()
                ? Directory.CreateDirectory(Folder)
                : Directory.CreateDirectory(Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            File.WriteAllLines(Path.Combine(Folder, MarkFile), [Mark, Owner.Current.ToString()]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ClusterException($"the scratch folder {Folder} cannot be made: {e.Message}; name another place with scratch:", e);
        }
    }

    /// <summary>The machine that a recorded place is on.</summary>
    public static string HostOf(UndoRecord undo) => (string)JsonNode.Parse(undo.Payload)!["host"]!;

    /// <summary>What to do about a place that is not on this machine.</summary>
    public static string Elsewhere(string host) => $"that is on {host}; the next drill or worker there clears it. If {host} is no more: chaosdrill undo DRILL --gone {host}";

    /// <summary>Ends its processes and removes its folder; of an earlier process as well, as long as it is on this machine.</summary>
    /// <returns>What was done.</returns>
    public static string Remove(UndoRecord undo)
    {
        var payload = JsonNode.Parse(undo.Payload)!.AsObject();
        var (folder, mark) = ((string)payload["folder"]!, (string)payload["mark"]!);
        if (HostOf(undo) != Environment.MachineName)
        {
            throw new ClusterException($"{folder}: {Elsewhere(HostOf(undo))}");
        }

        var place = new LocalPlace(folder, mark);
        var ended = Enumerable.Range(0, MostProcesses).Sum(process => MarkedPrograms.End(place.MarkOf(process)));
        if (!Directory.Exists(folder))
        {
            return $"{Count(ended)} ended; {folder} is gone";
        }

        // Only what proves to be ours is removed: by its name, and by the mark in it unless the process died before it could be written.
        var proof = Path.Combine(folder, MarkFile);
        var isOurs = Path.GetFileName(folder).StartsWith(Prefix, StringComparison.Ordinal)
            && (File.Exists(proof) ? File.ReadLines(proof).FirstOrDefault() is var found && (found is null || found == mark) : !Directory.EnumerateFileSystemEntries(folder).Any());
        if (!isOurs)
        {
            throw new UndoRefusedException($"{folder} does not hold the mark of the drill; it is left as it is");
        }

        try
        {
            Directory.Delete(folder, recursive: true);
            return $"{Count(ended)} ended, {folder} removed";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ClusterException($"{folder} cannot be removed: {e.Message}", e);
        }
    }

    /// <summary>
    /// Clears what processes left that died: places whose owner, by its id and its start, is no more. For places that no drill
    /// wrote down, because they were made before it began.
    /// </summary>
    public static void ClearDead(string parent)
    {
        foreach (var folder in Directory.EnumerateDirectories(parent, Prefix + "*"))
        {
            try
            {
                if (File.ReadAllLines(Path.Combine(folder, MarkFile)) is [var mark, var owner] && Owner.Parse(owner) is { IsAlive: false })
                {
                    Remove(new UndoRecord("", "", UndoKind, "", new LocalPlace(folder, mark).Payload, DateTimeOffset.UnixEpoch));
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ClusterException)
            {
                // Another user's, or just being made or cleared by somebody else.
            }
        }
    }

    private static string Count(int processes) => processes == 1 ? "1 process" : $"{processes} processes";
}
