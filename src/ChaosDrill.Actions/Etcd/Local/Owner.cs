using System.Diagnostics;
using System.Globalization;

namespace ChaosDrill.Actions.Etcd.Local;

/// <summary>A process by its id and its start, since ids are used again.</summary>
internal sealed record Owner(int Id, long StartTicks)
{
    /// <summary>This process.</summary>
    public static Owner Current
    {
        get
        {
            using var process = Process.GetCurrentProcess();
            return new Owner(process.Id, process.StartTime.ToUniversalTime().Ticks);
        }
    }

    /// <summary>Whether it still runs. Starts are compared to the second: they are derived from the boot time anew each time.</summary>
    public bool IsAlive
    {
        get
        {
            try
            {
                using var process = Process.GetProcessById(Id);
                return Math.Abs(process.StartTime.ToUniversalTime().Ticks - StartTicks) < 2 * TimeSpan.TicksPerSecond;
            }
            catch (Exception e) when (e is ArgumentException or InvalidOperationException)
            {
                return false;
            }
        }
    }

    /// <summary>Reads what <see cref="ToString"/> wrote; null when it is something else.</summary>
    public static Owner? Parse(string text) =>
        text.Split(' ') is [var id, var start] && int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && long.TryParse(start, NumberStyles.None, CultureInfo.InvariantCulture, out var ticks)
            ? new Owner(number, ticks)
            : null;

    /// <summary>Id and start.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Id} {StartTicks}");
}
