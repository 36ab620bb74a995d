using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Api.Tables;

/// <summary>Ages as kubectl shows them (k8s.io/apimachinery/pkg/util/duration).</summary>
internal static class HumanDuration
{
    public static string Age(StoredObject stored, DateTimeOffset now) => Since(stored.Metadata.Str("creationTimestamp"), now);

    public static string Since(string? time, DateTimeOffset now) => Timestamps.Parse(time) is { } then ? Of(now - then) : "<unknown>";

    public static string Of(TimeSpan span)
    {
        var seconds = (long)span.TotalSeconds;
        if (seconds < -1)
        {
            return "<invalid>";
        }

        if (seconds < 0)
        {
            return "0s";
        }

        if (seconds < 120)
        {
            return $"{seconds}s";
        }

        var minutes = seconds / 60;
        if (minutes < 10)
        {
            return Pair(minutes, "m", seconds % 60, "s");
        }

        if (minutes < 180)
        {
            return $"{minutes}m";
        }

        var hours = minutes / 60;
        if (hours < 8)
        {
            return Pair(hours, "h", minutes % 60, "m");
        }

        if (hours < 48)
        {
            return $"{hours}h";
        }

        if (hours < 192)
        {
            return Pair(hours / 24, "d", hours % 24, "h");
        }

        return hours < 24 * 365 * 2 ? $"{hours / 24}d" : hours < 24 * 365 * 8 ? Pair(hours / 24 / 365, "y", hours / 24 % 365, "d") : $"{hours / 24 / 365}y";
    }

    private static string Pair(long big, string bigUnit, long small, string smallUnit) => small == 0 ? $"{big}{bigUnit}" : $"{big}{bigUnit}{small}{smallUnit}";
}
