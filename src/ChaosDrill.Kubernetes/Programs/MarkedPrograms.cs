using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace ChaosDrill.Kubernetes;

/// <summary>
/// Finds processes by the random mark in their environment, which they cannot have but from the call that started them.
/// A process id proves nothing after a crash, for it may be somebody else's by now.
/// </summary>
/// <remarks>Reads <c>/proc</c>, so it finds nothing where there is none; other users' processes are not looked at.</remarks>
public static class MarkedPrograms
{
    /// <summary>The variable that carries the mark.</summary>
    internal const string Variable = "CHAOSDRILL_RUN";

    /// <summary>Ids of the processes that carry a mark.</summary>
    public static IReadOnlyList<int> Find(string mark)
    {
        var variable = Encoding.UTF8.GetBytes($"{Variable}={mark}\0");
        return Directory.Exists("/proc")
            ? [.. Directory.EnumerateDirectories("/proc").Select(IdOf).OfType<int>().Where(id => Carries(id, variable))]
            : [];
    }

    /// <summary>Ends at once every process that carries a mark.</summary>
    /// <returns>How many were ended.</returns>
    public static int End(string mark)
    {
        var ended = new HashSet<int>();

        // One that forks while it is looked for is found by the next look.
        for (var look = 0; look < 20 && Find(mark) is { Count: > 0 } found; look++)
        {
            foreach (var id in found)
            {
                Kill(id);
                ended.Add(id);
            }
        }

        return ended.Count;
    }

    private static int? IdOf(string folder) =>
        int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;

    private static bool Carries(int id, byte[] variable)
    {
        try
        {
            var environment = File.ReadAllBytes($"/proc/{id}/environ").AsSpan();
            var at = environment.IndexOf(variable);
            return at == 0 || (at > 0 && environment[at - 1] == 0);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It has ended, or is another user's.
            return false;
        }
    }

    private static void Kill(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill();
            process.WaitForExit(TimeSpan.FromSeconds(5));
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException or Win32Exception)
        {
            // It has ended meanwhile.
        }
    }
}
