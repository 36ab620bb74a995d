namespace ChaosDrill.Twin.Controllers;

/// <summary>Which images the simulated registry has: all but those tagged <c>missing</c> and those of <c>invalid.example</c>.</summary>
internal static class ImageReference
{
    public static bool CanBePulled(string image) =>
        !image.EndsWith(":missing", StringComparison.Ordinal) && !image.StartsWith("invalid.example/", StringComparison.Ordinal);
}
