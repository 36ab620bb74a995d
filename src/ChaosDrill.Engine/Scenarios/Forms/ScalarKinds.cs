using ChaosDrill.Model;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Engine.Scenarios.Forms;

/// <summary>The types of single values that a scenario knows.</summary>
internal static class ScalarKinds
{
    private static readonly Dictionary<Type, ScalarKind> All = new()
    {
        [typeof(string)] = new TextKind(),
        [typeof(int)] = new WholeNumberKind(),
        [typeof(bool)] = new TruthKind(),
        [typeof(TimeSpan)] = new DurationKind(),
        [typeof(Ratio)] = new PercentageKind(),
        [typeof(Amount)] = new AmountKind(),
        [typeof(Comparison)] = new ComparisonKind(),
        [typeof(WorkloadReference)] = new ReferenceKind(),
        [typeof(WeekWindow)] = new WeekWindowKind(),
        [typeof(DateSpan)] = new DateSpanKind(),
    };

    /// <summary>Text that may also be a bare number.</summary>
    public static ScalarKind TextOrNumber { get; } = new TextOrNumberKind();

    public static ScalarKind? Of(Type type) => All.GetValueOrDefault(type);
}
