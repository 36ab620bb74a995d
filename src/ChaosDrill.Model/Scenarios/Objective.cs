using System.Text.Json.Serialization;

namespace ChaosDrill.Model.Scenarios;

/// <summary>An objective as it is written in a scenario: one field, named for its kind.</summary>
public sealed record Objective
{
    /// <summary>What must be met.</summary>
    [OneOf]
    public required ObjectiveGoal Goal { get; init; }

    /// <summary>Where the objective stands in its file.</summary>
    [NotInFile]
    public SourcePosition? Source { get; init; }
}

/// <summary>What must be met.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(RecoveryTimeGoal), "recoveryTime")]
[JsonDerivedType(typeof(AvailabilityGoal), "availability")]
[JsonDerivedType(typeof(LongestOutageGoal), "longestOutage")]
[JsonDerivedType(typeof(LatencyGoal), "latency")]
[JsonDerivedType(typeof(RestoreTimeGoal), "restoreTime")]
[JsonDerivedType(typeof(DataLossGoal), "dataLoss")]
[JsonDerivedType(typeof(RestoreFidelityGoal), "restoreFidelity")]
[JsonDerivedType(typeof(BackupAgeGoal), "backupAge")]
[JsonDerivedType(typeof(PromqlGoal), "promql")]
[JsonDerivedType(typeof(TimeToDetectGoal), "timeToDetect")]
[JsonDerivedType(typeof(SloGoal), "slo")]
[JsonDerivedType(typeof(WriteOutageGoal), "writeOutage")]
public abstract record ObjectiveGoal
{
    /// <summary>The field's name for what is measured, such as <c>recoveryTime</c>.</summary>
    [NotInFile]
    [JsonIgnore]
    public abstract string Metric { get; }

    /// <summary>What it is measured on: <c>deployment/storefront</c>, or the name of a probe.</summary>
    [NotInFile]
    [JsonIgnore]
    public abstract string Subject { get; }

    /// <summary>The limit in words: <c>at most 30s</c>.</summary>
    [NotInFile]
    [JsonIgnore]
    public abstract string Limit { get; }

    /// <summary>Whether it is measured by asking the scenario's Prometheus.</summary>
    [NotInFile]
    [JsonIgnore]
    public virtual bool AsksPrometheus => false;

    /// <summary>What is wrong with the options beyond the types of their fields; empty when nothing is.</summary>
    public virtual IEnumerable<OptionProblem> Check() => [];
}

/// <summary>The time from the fault's effect until the workload has held again for the stable time; every repetition must meet it.</summary>
public sealed record RecoveryTimeGoal : ObjectiveGoal
{
    /// <summary>What must recover; an <c>awaitRecovery</c> step must wait for it.</summary>
    public required WorkloadReference Of { get; init; }

    /// <summary>The longest recovery that is good enough (the RTO), 1ms to 168h.</summary>
    [Between("1ms", "168h")]
    public required TimeSpan AtMost { get; init; }

    /// <inheritdoc />
    public override string Metric => "recoveryTime";

    /// <inheritdoc />
    public override string Subject => Of.ToString();

    /// <inheritdoc />
    public override string Limit => "at most " + GoDuration.Format(AtMost);
}

/// <summary>Share of a probe's samples that succeeded, from the first fault's effect, or from the first failure that it brought before, to the end of the drill.</summary>
public sealed record AvailabilityGoal : ObjectiveGoal
{
    /// <summary>Name of a probe of this scenario.</summary>
    public required string Probe { get; init; }

    /// <summary>The smallest share of good samples that is good enough, above 0% and up to 100%.</summary>
    [Between("0.0001%", "100%")]
    public required Ratio AtLeast { get; init; }

    /// <inheritdoc />
    public override string Metric => "availability";

    /// <inheritdoc />
    public override string Subject => "probe/" + Probe;

    /// <inheritdoc />
    public override string Limit => $"at least {AtLeast}";
}

/// <summary>The longest time a probe failed without a break, from the first fault's effect, or from the first failure that it brought before, to the end of the drill.</summary>
public sealed record LongestOutageGoal : ObjectiveGoal
{
    /// <summary>Name of a probe of this scenario.</summary>
    public required string Probe { get; init; }

    /// <summary>The longest outage that is good enough; must exceed the probe's interval, or it cannot be known; at most 168h.</summary>
    [Between("1ms", "168h")]
    public required TimeSpan AtMost { get; init; }

    /// <inheritdoc />
    public override string Metric => "longestOutage";

    /// <inheritdoc />
    public override string Subject => "probe/" + Probe;

    /// <inheritdoc />
    public override string Limit => "at most " + GoDuration.Format(AtMost);
}

/// <summary>A percentile of a probe's answer times, from the first fault's effect, or from the first failure that it brought before, to the end of the drill; a failed sample counts as slower than any answer.</summary>
public sealed record LatencyGoal : ObjectiveGoal
{
    /// <summary>Name of a probe of this scenario.</summary>
    public required string Probe { get; init; }

    /// <summary>Which percentile is judged, by the nearest-rank rule, 1% to 100%.</summary>
    [Between("1%", "100%")]
    public Ratio Percentile { get; init; } = new(0.99);

    /// <summary>The longest answer time that is good enough at that percentile, 1ms to 1h.</summary>
    [Between("1ms", "1h")]
    public required TimeSpan AtMost { get; init; }

    /// <inheritdoc />
    public override string Metric => "latency";

    /// <inheritdoc />
    public override string Subject => "probe/" + Probe;

    /// <inheritdoc />
    public override string Limit => $"p{(Percentile.Value * 100).ToString("0.##", System.Globalization.CultureInfo.InvariantCulture)} at most {GoDuration.Format(AtMost)}";
}

/// <summary>The time that a restore took, from its start until its data was verified, or until an earlier phase.</summary>
public sealed record RestoreTimeGoal : ObjectiveGoal
{
    /// <summary>Name of the step that restores. Without it, every step that restores must meet the limit.</summary>
    public string? Step { get; init; }

    /// <summary>The phase that ends it: <c>restored</c>, <c>healthy</c> or <c>verified</c>.</summary>
    public string Until { get; init; } = Timelines.PhaseNames.Verified;

    /// <summary>The longest restore that is good enough (the RTO), 1ms to 168h.</summary>
    [Between("1ms", "168h")]
    public required TimeSpan AtMost { get; init; }

    /// <inheritdoc />
    public override string Metric => "restoreTime";

    /// <inheritdoc />
    public override string Subject => (Step is null ? "restore" : $"\"{Step}\"") + (Until == Timelines.PhaseNames.Verified ? "" : " until " + Until);

    /// <inheritdoc />
    public override string Limit => "at most " + GoDuration.Format(AtMost);

    /// <inheritdoc />
    public override IEnumerable<OptionProblem> Check()
    {
        if (Until is not (Timelines.PhaseNames.Restored or Timelines.PhaseNames.Healthy or Timelines.PhaseNames.Verified))
        {
            yield return new OptionProblem("until", $"a restore has no phase \"{Until}\"", "write restored, healthy or verified");
        }
    }
}

/// <summary>What is lost: the time from the recovery point to the fault, or the acknowledged entries of the ledger that are missing afterwards. One of the two.</summary>
public sealed record DataLossGoal : ObjectiveGoal
{
    /// <summary>The longest time whose changes may be lost (the RPO), 1ms to 8760h.</summary>
    [Between("1ms", "8760h")]
    public TimeSpan? AtMost { get; init; }

    /// <summary>The most acknowledged entries of the ledger that may be missing, 0 to 1000000000.</summary>
    [Between("0", "1000000000")]
    public int? AtMostEntries { get; init; }

    /// <inheritdoc />
    public override string Metric => "dataLoss";

    /// <inheritdoc />
    public override string Subject => AtMostEntries is null ? "changes" : "entries";

    /// <inheritdoc />
    public override string Limit => AtMostEntries is { } most ? $"at most {Measures.Figures.Count(most)}" : "at most " + GoDuration.Format(AtMost ?? TimeSpan.Zero);

    /// <inheritdoc />
    public override IEnumerable<OptionProblem> Check()
    {
        if (AtMost is null == AtMostEntries is null)
        {
            yield return new OptionProblem(
                AtMost is null ? "" : "atMostEntries", "data loss is limited either in time or in entries", "write one of atMost: 5m and atMostEntries: 0; for both, write two objectives");
        }
    }
}

/// <summary>Share of a backup's objects that a restore brings back as the backup has them.</summary>
public sealed record RestoreFidelityGoal : ObjectiveGoal
{
    /// <summary>The smallest share that is good enough, above 0% and up to 100%.</summary>
    [Between("0.0001%", "100%")]
    public required Ratio AtLeast { get; init; }

    /// <inheritdoc />
    public override string Metric => "restoreFidelity";

    /// <inheritdoc />
    public override string Subject => "restore";

    /// <inheritdoc />
    public override string Limit => $"at least {AtLeast}";
}

/// <summary>How old the backup is when its restore begins, counted from when it was begun: what is younger would be lost with the original.</summary>
public sealed record BackupAgeGoal : ObjectiveGoal
{
    /// <summary>The oldest that is good enough, 1ms to 8760h.</summary>
    [Between("1ms", "8760h")]
    public required TimeSpan AtMost { get; init; }

    /// <inheritdoc />
    public override string Metric => "backupAge";

    /// <inheritdoc />
    public override string Subject => "backup";

    /// <inheritdoc />
    public override string Limit => "at most " + GoDuration.Format(AtMost);
}

/// <summary>What a query to the scenario's Prometheus gives when the steps are done and the steady state was looked at again. No data is no success: it is inconclusive.</summary>
public sealed record PromqlGoal : ObjectiveGoal
{
    /// <summary>What it is called in reports. Without it, the query itself.</summary>
    public string? Name { get; init; }

    /// <summary>The query, an expression of PromQL. A comparison belongs into <c>is</c>: one in the query leaves out what it does not hold for.</summary>
    public required string Query { get; init; }

    /// <summary>What the value must be, such as <c>&lt; 0.01</c>.</summary>
    public required Comparison Is { get; init; }

    /// <summary>What becomes of several series.</summary>
    public SeriesRule Series { get; init; }

    /// <summary>When it must be so.</summary>
    public QueryTime Over { get; init; }

    /// <summary>From one instant to the next that is looked at with <c>over: drill</c>, 100ms to 1h; longer where Prometheus would give more than 11,000 of them.</summary>
    [Between("100ms", "1h")]
    public TimeSpan Every { get; init; } = TimeSpan.FromSeconds(5);

    /// <inheritdoc />
    public override string Metric => "promql";

    /// <inheritdoc />
    public override string Subject => Name ?? Query;

    /// <inheritdoc />
    public override string Limit => Is.ToString();

    /// <inheritdoc />
    public override bool AsksPrometheus => true;
}

/// <summary>When a query must give what it must.</summary>
public enum QueryTime
{
    /// <summary>When the steps are done and the steady state was looked at again.</summary>
    End,

    /// <summary>At every instant from the first fault's effect until then.</summary>
    Drill,
}

/// <summary>
/// The time from the fault's effect until an alert of the scenario's Prometheus fires; every repetition must meet it. The drill waits for it
/// after its steps, with what it changed still in place. An alert that fires already, or is pending, before the fault says nothing.
/// </summary>
public sealed record TimeToDetectGoal : ObjectiveGoal
{
    /// <summary>Name of the alert.</summary>
    public required string Alert { get; init; }

    /// <summary>Labels that it must carry. Without them, the first alert of that name counts.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>The longest time to detect that is good enough, 1ms to 24h.</summary>
    [Between("1ms", "24h")]
    public required TimeSpan AtMost { get; init; }

    /// <inheritdoc />
    public override string Metric => "timeToDetect";

    /// <inheritdoc />
    public override string Subject => "alert/" + Alert + (Labels.Count == 0 ? "" : $"{{{string.Join(", ", Labels.Select(l => $"{l.Key}=\"{l.Value}\""))}}}");

    /// <inheritdoc />
    public override string Limit => "at most " + GoDuration.Format(AtMost);

    /// <inheritdoc />
    public override bool AsksPrometheus => true;

    /// <summary>Whether an alert is the one that is meant.</summary>
    public bool Means(string alert, IReadOnlyDictionary<string, string> labels) =>
        alert == Alert && Labels.All(l => labels.GetValueOrDefault(l.Key) == l.Value);
}

/// <summary>
/// The share of an error budget that the drill spends, from the first fault's effect until the steady state was looked at again. The service level
/// objective stands in a file of OpenSLO v1, Sloth or Pyrra; its events are asked of the scenario's Prometheus.
/// </summary>
public sealed record SloGoal : ObjectiveGoal
{
    /// <summary>The file, relative to the scenario file.</summary>
    public required string File { get; init; }

    /// <summary>Name of the objective in the file. Without it, the file must hold one only.</summary>
    public string? Name { get; init; }

    /// <summary>The largest share of the budget of the objective's own window that may be spent, above 0% and up to 100%.</summary>
    [Between("0.0001%", "100%")]
    public required Ratio AtMost { get; init; }

    /// <summary>What the file says.</summary>
    [NotInFile]
    public ServiceLevel? Level { get; init; }

    /// <inheritdoc />
    public override string Metric => "slo";

    /// <inheritdoc />
    public override string Subject => "slo/" + (Level?.Name ?? Name ?? File);

    /// <inheritdoc />
    public override string Limit => $"at most {AtMost} of the error budget";

    /// <inheritdoc />
    public override bool AsksPrometheus => true;
}

/// <summary>The longest time in which no entry of the ledger was acknowledged, beyond its interval; every repetition must meet it.</summary>
public sealed record WriteOutageGoal : ObjectiveGoal
{
    /// <summary>The longest that is good enough, 1ms to 168h; must exceed the ledger's interval to be told.</summary>
    [Between("1ms", "168h")]
    public required TimeSpan AtMost { get; init; }

    /// <inheritdoc />
    public override string Metric => "writeOutage";

    /// <inheritdoc />
    public override string Subject => "writes";

    /// <inheritdoc />
    public override string Limit => "at most " + GoDuration.Format(AtMost);
}
