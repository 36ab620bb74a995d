using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Engine.Scenarios;

/// <summary>The kinds of steps, probes and objectives that a scenario can be written with.</summary>
/// <remarks>
/// A kind is a sealed record with a parameterless constructor and <c>init</c> properties, whose XML documentation becomes
/// the field's description. Names are camelCase, as in the file.
/// </remarks>
/// <param name="Steps">Field name to record type, each a <see cref="StepAction"/>.</param>
/// <param name="Probes">Field name to record type, each a <see cref="ProbeTarget"/>.</param>
/// <param name="Objectives">Field name to record type, each an <see cref="ObjectiveGoal"/>.</param>
public sealed record ScenarioVocabulary(
    IReadOnlyDictionary<string, Type> Steps,
    IReadOnlyDictionary<string, Type> Probes,
    IReadOnlyDictionary<string, Type> Objectives)
{
    /// <summary>What the model itself has: no faults and no probes, which are the actions' to declare.</summary>
    public static ScenarioVocabulary BuiltIn { get; } = new(
        new Dictionary<string, Type> { ["awaitRecovery"] = typeof(AwaitRecovery), ["wait"] = typeof(Wait), ["undo"] = typeof(Undo) },
        new Dictionary<string, Type>(),
        new Dictionary<string, Type>
        {
            ["recoveryTime"] = typeof(RecoveryTimeGoal),
            ["availability"] = typeof(AvailabilityGoal),
            ["longestOutage"] = typeof(LongestOutageGoal),
            ["latency"] = typeof(LatencyGoal),
            ["restoreTime"] = typeof(RestoreTimeGoal),
            ["dataLoss"] = typeof(DataLossGoal),
            ["restoreFidelity"] = typeof(RestoreFidelityGoal),
            ["backupAge"] = typeof(BackupAgeGoal),
            ["promql"] = typeof(PromqlGoal),
            ["timeToDetect"] = typeof(TimeToDetectGoal),
            ["slo"] = typeof(SloGoal),
            ["writeOutage"] = typeof(WriteOutageGoal),
        });

    /// <summary>This vocabulary and more kinds; the new kinds come first where kinds are listed.</summary>
    /// <exception cref="ArgumentException">A name is taken, or a type is not of the right family.</exception>
    public ScenarioVocabulary With(
        IReadOnlyDictionary<string, Type>? steps = null,
        IReadOnlyDictionary<string, Type>? probes = null,
        IReadOnlyDictionary<string, Type>? objectives = null) =>
        new(
            Join<StepAction>(steps, Steps),
            Join<ProbeTarget>(probes, Probes),
            Join<ObjectiveGoal>(objectives, Objectives));

    /// <summary>The kinds that a member of the given type chooses from.</summary>
    internal IReadOnlyDictionary<string, Type> KindsOf(Type family) =>
        family == typeof(StepAction) ? Steps
        : family == typeof(ProbeTarget) ? Probes
        : family == typeof(ObjectiveGoal) ? Objectives
        : throw new ArgumentException($"{family} is not a family of kinds.", nameof(family));

    private static IReadOnlyDictionary<string, Type> Join<TFamily>(
        IReadOnlyDictionary<string, Type>? added, IReadOnlyDictionary<string, Type> present)
    {
        if (added is null)
        {
            return present;
        }

        var all = new Dictionary<string, Type>();
        AddTo<TFamily>(all, added);
        AddTo<TFamily>(all, present);
        return all;
    }

    private static void AddTo<TFamily>(Dictionary<string, Type> all, IReadOnlyDictionary<string, Type> kinds)
    {
        foreach (var (name, type) in kinds)
        {
            if (!type.IsSubclassOf(typeof(TFamily)) || type.IsAbstract)
            {
                throw new ArgumentException($"{type} cannot be the kind \"{name}\": it is not a concrete {typeof(TFamily).Name}.");
            }

            if (!all.TryAdd(name, type))
            {
                throw new ArgumentException($"The kind \"{name}\" is declared twice.");
            }
        }
    }
}
