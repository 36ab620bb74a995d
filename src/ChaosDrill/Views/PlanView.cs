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

        if (plan.Ledger is { } ledger)
        {
            yield return Field("ledger", ledger);
        }

        foreach (var guard in plan.Guards)
        {
            yield return Guard(guard, "  ");
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

            foreach (var forecast in step.Forecasts.Where(f => f.Outlook != Outlook.Fine))
            {
                yield return new StyledLine().Add($"       {forecast.Topic}: {forecast.Message}", Tone.Warning);
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
            yield return new StyledLine().Add($"     blast radius: {step.Targets.Count} of {step.Candidates}{(step.Affected.Count == 0 ? "" : $", and {step.Affected.Count} pods with {(step.Targets.Count == 1 ? "it" : "them")}")}");
        }

        foreach (var target in step.Targets.Concat(step.Affected))
        {
            yield return new StyledLine()
                .Add($"       {target}", Tone.Warning).Add($"  uid {target.Uid}{(target.Detail is null ? "" : "  " + target.Detail)}", Tone.Faint);
        }

        foreach (var guard in step.Guards)
        {
            yield return Guard(guard, "     ");
        }

        foreach (var forecast in step.Forecasts)
        {
            yield return new StyledLine().Add("     ").Add(forecast.Outlook switch { Outlook.Fine => "✓", Outlook.Warning => "!", Outlook.Unknown => "?", _ => "✗" }, forecast.Outlook switch
            {
                Outlook.Fine => Tone.Good,
                Outlook.Impossible => Tone.Bad,
                _ => Tone.Warning,
            }).Add($" {forecast.Topic}: {forecast.Message}").Add(forecast.Mend is null ? "" : $"  ({forecast.Mend})", Tone.Faint);
        }

        if (step.Undo is { } undo)
        {
            yield return new StyledLine().Add($"     undo: {undo}");
        }
    }

    private static StyledLine Guard(GuardCheck guard, string indent) => new StyledLine().Add(indent)
        .Add(guard.Holds ? "✓" : "✗", guard.Holds ? Tone.Good : Tone.Bad).Add($" guard {guard.Guard}: {guard.Found}").Add($"  allowed: {guard.Limit}", Tone.Faint);

    private static StyledLine Right(AccessDecision access)
    {
        var need = access.Need;
        var line = access.Granted ? new StyledLine().Add("  ✓ ", Tone.Good) : new StyledLine().Add("  ✗ ", Tone.Bad);
        var resource = need.Group.Length == 0 ? need.Resource : $"{need.Resource}.{need.Group}";
        resource += (need.Name is null ? "" : $" \"{need.Name}\"") + (need.Namespace is null ? ", cluster-wide" : "") + (need.Context is null ? "" : $", in {need.Context}");
        return line.AddColumn($"{need.Verb} {resource}", 62).Add($"to {need.Why}", Tone.Faint)
            .Add(access.Granted || access.Reason is not { Length: > 0 } why ? "" : $" ({why})");
    }

    private static string Blast(PlannedStep step) => step.Targets.Count == 0 ? "" : $"  {step.Targets.Count} of {step.Candidates}";

    private static StyledLine Field(string name, string value) => new StyledLine().AddColumn("  " + name, 13, Tone.Faint).Add(value);

    private static StyledLine Heading(string text) => new StyledLine().Add(text, Tone.Strong);
}
