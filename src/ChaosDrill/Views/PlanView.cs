using ChaosDrill.Model.Plans;

namespace ChaosDrill.Views;

/// <summary>A plan in text: what would be done to what, with which rights, and how it is undone.</summary>
internal static class PlanView
{
    /// <summary>The whole plan.</summary>
    public static IEnumerable<StyledLine> Full(Plan plan)
    {
        yield return new StyledLine().Add(plan.Scenario, Tone.Strong);
        yield return Field("cluster", $"{plan.Cluster.Name} ({plan.Cluster.Server}, {plan.Cluster.Version})");
        yield return Field("namespace", plan.Namespace);
        yield return Field("seed", $"{plan.Seed}  (the same seed on the same cluster chooses the same targets)");
        if (plan.Repeat > 1)
        {
            yield return Field("repeat", $"{plan.Repeat} times; the targets below are those of the first run");
        }

        if (plan.Steps.Count > 0)
        {
            yield return StyledLine.Empty;
            yield return Heading("Steps");
            foreach (var line in plan.Steps.SelectMany(Step))
            {
                yield return line;
            }
        }

        if (plan.Access.Count > 0)
        {
            yield return StyledLine.Empty;
            yield return Heading("Rights");
            foreach (var access in plan.Access.OrderBy(a => a.Granted))
            {
                yield return Right(access);
            }
        }

        foreach (var line in Refusals(plan))
        {
            yield return line;
        }
    }

    /// <summary>The few lines that a run prints before it starts.</summary>
    public static IEnumerable<StyledLine> Summary(Plan plan)
    {
        yield return new StyledLine()
            .Add(plan.Scenario, Tone.Strong).Add(" on ").Add(plan.Cluster.Name, Tone.Strong)
            .Add($" ({plan.Cluster.Version}), namespace {plan.Namespace}, seed {plan.Seed}{(plan.Repeat > 1 ? $", {plan.Repeat} runs" : "")}");
        foreach (var step in plan.Steps)
        {
            yield return new StyledLine().Add($"  {step.Index + 1}. ").Add(step.Name).Add(Blast(step), Tone.Faint);
            foreach (var target in step.Targets.Take(5))
            {
                yield return new StyledLine().Add($"       {target}", Tone.Warning).Add(target.Detail is null ? "" : $"  {target.Detail}", Tone.Faint);
            }

            if (step.Targets.Count > 5)
            {
                yield return new StyledLine().Add($"       and {step.Targets.Count - 5} more");
            }
        }
    }

    /// <summary>What stands in the way, each with its mend; nothing when nothing does.</summary>
    public static IEnumerable<StyledLine> Refusals(Plan plan)
    {
        if (plan.Refusals.Count == 0)
        {
            yield break;
        }

        yield return StyledLine.Empty;
        yield return Heading("In the way");
        foreach (var refusal in plan.Refusals)
        {
            yield return new StyledLine().Add("  ✗ ", Tone.Bad).Add($"{(refusal.Source is null ? "" : refusal.Source + ": ")}{refusal.Message}");
            yield return new StyledLine().Add($"    {refusal.Mend}", Tone.Faint);
        }
    }

    private static IEnumerable<StyledLine> Step(PlannedStep step)
    {
        yield return new StyledLine().Add($"  {step.Index + 1}. ").Add(step.Name, Tone.Strong).Add(step.Name == step.Kind ? "" : $" ({step.Kind})", Tone.Faint);
        yield return new StyledLine().Add($"     {step.Summary}");
        if (step.Targets.Count > 0)
        {
            yield return new StyledLine().Add($"     blast radius: {step.Targets.Count} of {step.Candidates}");
        }

        foreach (var target in step.Targets)
        {
            yield return new StyledLine()
                .Add($"       {target}", Tone.Warning).Add($"  uid {target.Uid}{(target.Detail is null ? "" : "  " + target.Detail)}", Tone.Faint);
        }

        if (step.Undo is { } undo)
        {
            yield return new StyledLine().Add($"     undo: {undo}");
        }
    }

    private static StyledLine Right(AccessDecision access)
    {
        var need = access.Need;
        var line = access.Granted ? new StyledLine().Add("  ✓ ", Tone.Good) : new StyledLine().Add("  ✗ ", Tone.Bad);
        var resource = need.Group.Length == 0 ? need.Resource : $"{need.Resource}.{need.Group}";
        return line.AddColumn($"{need.Verb} {resource}", 42).Add($"to {need.Why}", Tone.Faint)
            .Add(access.Granted || access.Reason is not { Length: > 0 } why ? "" : $" ({why})");
    }

    private static string Blast(PlannedStep step) => step.Targets.Count == 0 ? "" : $"  {step.Targets.Count} of {step.Candidates}";

    private static StyledLine Field(string name, string value) => new StyledLine().AddColumn("  " + name, 13, Tone.Faint).Add(value);

    private static StyledLine Heading(string text) => new StyledLine().Add(text, Tone.Strong);
}
