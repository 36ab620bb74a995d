using System.Security.Cryptography;

namespace ChaosDrill.Actions.Velero;

/// <summary>Names of what one run makes. Drawn anew each time, whatever the seed: a marker that can be guessed proves nothing, and a name must not meet the leftovers of a run with the same seed.</summary>
internal static class RunId
{
    /// <summary>Eight hexadecimal digits.</summary>
    public static string New() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));

    /// <summary>Sixteen bytes in hexadecimal: what a marker says.</summary>
    public static string Secret() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
}
