using System.Reflection;

namespace ChaosDrill.Hosting;

/// <summary>What this program is.</summary>
internal static class Tool
{
    /// <summary>Its version.</summary>
    public static string Version { get; } =
        typeof(Tool).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0";
}
