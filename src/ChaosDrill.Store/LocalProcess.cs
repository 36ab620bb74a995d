using System.Globalization;
using ChaosDrill.Model.Drills;

namespace ChaosDrill.Store;

/// <summary>Tells whether the process that ran a drill is still there.</summary>
/// <remarks>Source: proc(5), /proc/[pid]/stat, fields 3 (state) and 22 (starttime, in clock ticks since boot).</remarks>
public static class LocalProcess
{
    /// <summary>This process, for the header of its drills.</summary>
    public static DrillProcess Current() =>
        new(Environment.MachineName, Environment.ProcessId, StartTicks(Environment.ProcessId) ?? 0);

    /// <summary>Whether a process lives; null when it ran on another host or under another operating system, where this one cannot look.</summary>
    public static bool? IsAlive(DrillProcess process)
    {
        if (process.Host != Environment.MachineName || !Directory.Exists("/proc/self"))
        {
            return null;
        }

        return StartTicks(process.Id) == process.StartTicks;
    }

    private static long? StartTicks(int id)
    {
        string stat;
        try
        {
            stat = File.ReadAllText($"/proc/{id.ToString(CultureInfo.InvariantCulture)}/stat");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        // The program's name, in parentheses, may itself hold spaces and parentheses: what follows the last one is regular.
        var fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var isZombie = fields is ["Z" or "X", ..];
        return !isZombie && fields.Length > 19 && long.TryParse(fields[19], CultureInfo.InvariantCulture, out var ticks) ? ticks : null;
    }
}
