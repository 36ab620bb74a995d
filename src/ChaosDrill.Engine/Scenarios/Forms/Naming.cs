using System.Text;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Engine.Scenarios.Forms;

/// <summary>How the names of this program become the names of the file.</summary>
internal static class Naming
{
    /// <summary><c>StableFor</c> is written <c>stableFor</c>.</summary>
    public static string Field(string member) => char.ToLowerInvariant(member[0]) + member[1..];

    /// <summary><c>SteadyStateCondition</c> is spoken of as <c>steady state condition</c>; a trailing <c>Spec</c> is left out, but for the scenario's own.</summary>
    public static string Words(string type)
    {
        var words = new StringBuilder();
        foreach (var c in type.EndsWith("Spec", StringComparison.Ordinal) && type != nameof(ScenarioSpec) ? type[..^4] : type)
        {
            _ = char.IsUpper(c) && words.Length > 0 ? words.Append(' ').Append(char.ToLowerInvariant(c)) : words.Append(char.ToLowerInvariant(c));
        }

        return words.ToString();
    }
}
