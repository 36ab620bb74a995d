using System.CommandLine;

namespace ChaosDrill.Commands;

/// <summary>A command that shows in its help how it is used.</summary>
internal sealed class DrillCommand(string name, string description) : Command(name, description)
{
    /// <summary>What for, and the command line.</summary>
    public IReadOnlyList<(string What, string Line)> Examples { get; init; } = [];
}
