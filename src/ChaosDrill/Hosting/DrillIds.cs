using System.Globalization;
using System.Security.Cryptography;

namespace ChaosDrill.Hosting;

/// <summary>Names drills.</summary>
internal static class DrillIds
{
    // Without the letters and digits that are taken for one another when read aloud.
    private const string Letters = "abcdefghjkmnpqrstuvwxyz23456789";

    /// <summary><c>storefront-pod-kill-20261121-031500-x7k2</c>: sorts by time, and two drills of one second differ.</summary>
    public static string New(string scenario, DateTimeOffset startedAt) =>
        string.Create(CultureInfo.InvariantCulture, $"{scenario}-{startedAt.UtcDateTime:yyyyMMdd-HHmmss}-{RandomNumberGenerator.GetString(Letters, 4)}");

    /// <summary>A seed for a drill that was given none. It is printed, so that the drill can be repeated.</summary>
    public static int NewSeed() => RandomNumberGenerator.GetInt32(int.MaxValue);
}
