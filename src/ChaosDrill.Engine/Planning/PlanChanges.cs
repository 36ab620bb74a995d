using ChaosDrill.Model.Plans;

namespace ChaosDrill.Engine.Planning;

/// <summary>What has changed between a plan that was saved and the plan of this moment.</summary>
/// <remarks>
/// An embedded twin is made anew by every command. Of its objects only what its scenario decides is compared: names, but no
/// uids, and of pods, whose names are drawn, the number.
/// </remarks>
public static class PlanChanges
{
    /// <summary>Objects named in one message; of more, the number is given.</summary>
    private const int Named = 5;

    /// <summary>The longest message, in characters: what is quoted may come from a stranger's file.</summary>
    private const int Longest = 600;

    /// <summary>One refusal for each thing that is not as it was; none when the plan still holds.</summary>
    /// <param name="saved">The plan that was approved.</param>
    /// <param name="now">The plan of the same scenario, made now.</param>
    public static IEnumerable<Refusal> Between(Plan saved, Plan now)
    {
        if (saved.Refusals is [var first, ..])
        {
            return [Changed($"the plan was refused itself: {first.Message}", "mend that, and save a new plan")];
        }

        var isTwin = saved.Cluster.IsTwin && now.Cluster.IsTwin;

        // Where something else is in the way there are no steps to compare; it speaks for itself.
        var steps = now is { Steps.Count: 0, Refusals.Count: > 0 } ? [] : Steps(saved.Steps, now.Steps, isTwin);
        return [.. Whole(saved, now, isTwin).Concat(steps).Concat(Rights(saved.Access, now.Access)).Select(m => Changed(m))];
    }

    private static Refusal Changed(string message, string mend = "look at it with chaosdrill plan; if that is what you want, save a new plan") =>
        new(RefusalKind.PlanChanged, message.Length > Longest ? message[..Longest] + "…" : message, mend);

    private static IEnumerable<string> Whole(Plan saved, Plan now, bool isTwin)
    {
        if (saved.Scenario != now.Scenario)
        {
            yield return $"the plan is for scenario {saved.Scenario}; this is {now.Scenario}";
        }

        if (saved.ScenarioDigest != now.ScenarioDigest)
        {
            yield return $"the scenario's text is not that of the plan: SHA-256 {now.ScenarioDigest}, planned {saved.ScenarioDigest}";
        }

        if (Place(saved.Cluster) != Place(now.Cluster))
        {
            yield return $"the plan is for {Place(saved.Cluster)}; this is {Place(now.Cluster)}";
        }

        if (saved.Cluster.Version != now.Cluster.Version)
        {
            yield return $"the cluster runs {now.Cluster.Version}; it ran {saved.Cluster.Version} when it was planned";
        }

        if (saved.Namespace != now.Namespace)
        {
            yield return $"the plan is for namespace {saved.Namespace}; the scenario's is {now.Namespace}";
        }
        else if (now.NamespaceUid is { } uid && saved.NamespaceUid != uid && !isTwin)
        {
            yield return $"namespace {now.Namespace} is not the one that was planned, but made anew: its uid is {uid}, planned {saved.NamespaceUid ?? "none"}";
        }

        if ((saved.Seed, saved.Repeat) != (now.Seed, now.Repeat))
        {
            yield return $"seed and repeat are {now.Seed} and {now.Repeat}, planned {saved.Seed} and {saved.Repeat}";
        }

        // A twin's own etcd listens somewhere else each time; all else about a ledger is in the scenario's text.
        if (saved.Ledger != now.Ledger && !isTwin)
        {
            yield return $"the ledger is: {now.Ledger ?? "none"}; planned was: {saved.Ledger ?? "none"}";
        }

        foreach (var change in Guards("", saved.Guards, now.Guards, ofTime: true))
        {
            yield return change;
        }
    }

    private static IEnumerable<string> Steps(IReadOnlyList<PlannedStep> saved, IReadOnlyList<PlannedStep> now, bool isTwin)
    {
        if (!saved.Select(s => (s.Index, s.Name, s.Kind)).SequenceEqual(now.Select(s => (s.Index, s.Name, s.Kind))))
        {
            return [$"the steps are {Listed(now.Select(s => $"\"{s.Name}\""))}, planned {Listed(saved.Select(s => $"\"{s.Name}\""))}"];
        }

        return saved.Zip(now, (was, step) => Step(was, step, isTwin)).SelectMany(changes => changes);
    }

    private static IEnumerable<string> Step(PlannedStep saved, PlannedStep now, bool isTwin)
    {
        var changes = new List<string>();
        changes.AddRange(Objects("targeted", saved.Targets, now.Targets, isTwin));
        if (changes.Count == 0 && !isTwin && !saved.Targets.Select(Name).SequenceEqual(now.Targets.Select(Name)))
        {
            changes.Add($"its targets come in another order: {Listed(now.Targets.Select(Name))}, planned {Listed(saved.Targets.Select(Name))}");
        }

        changes.AddRange(Objects("taken away with them", saved.Affected, now.Affected, isTwin));
        if (saved.Candidates != now.Candidates)
        {
            changes.Add($"its targets are chosen from {now.Candidates}, planned from {saved.Candidates}");
        }

        if (changes.Count == 0 && saved.Summary != now.Summary)
        {
            changes.Add($"it would {now.Summary}; planned was: {saved.Summary}");
        }

        if (saved.Undo != now.Undo)
        {
            changes.Add($"its undo is: {now.Undo ?? "none"}; planned was: {saved.Undo ?? "none"}");
        }

        changes.AddRange(Guards("its ", saved.Guards, now.Guards, ofTime: false));
        changes.AddRange(Forecasts(saved.Forecasts, now.Forecasts, isTwin));
        return changes.Select(c => $"\"{now.Name}\": {c}");
    }

    private static IEnumerable<string> Objects(string role, IReadOnlyList<Target> saved, IReadOnlyList<Target> now, bool isTwin)
    {
        if (isTwin)
        {
            foreach (var (kind, was, found) in Counts(saved, now))
            {
                yield return $"{found} × {kind} {role}, planned {was}";
            }

            yield break;
        }

        var (before, after) = (saved.ToLookup(Name), now.ToLookup(Name));
        var gone = saved.Where(t => !after.Contains(Name(t))).ToList();
        var added = now.Where(t => !before.Contains(Name(t))).ToList();
        if (gone.Count > 0)
        {
            yield return $"no longer {role}: {Listed(gone.Select(t => $"{t} (uid {t.Uid})"))}";
        }

        if (added.Count > 0)
        {
            yield return $"now {role}, and not planned: {Listed(added.Select(t => $"{t} (uid {t.Uid})"))}";
        }

        foreach (var (was, found) in from t in now from was in before[Name(t)] where was != t select (was, t))
        {
            yield return (was.Uid == found.Uid, was.Uid.Length, found.Uid.Length) switch
            {
                (true, _, _) => $"{found} is {found.Detail ?? "not known in detail"}, planned {was.Detail ?? "without detail"}",
                (_, 0, _) => $"{found} is there by now (uid {found.Uid})",
                (_, _, 0) => $"{found} is gone (uid {was.Uid})",
                _ => $"{found} is not the one that was planned, but its replacement: its uid is {found.Uid}, planned {was.Uid}",
            };
        }
    }

    private static IEnumerable<(string What, int Was, int Found)> Counts(IReadOnlyList<Target> saved, IReadOnlyList<Target> now) =>
        from key in saved.Concat(now).Select(Key).Distinct()
        let was = saved.Count(t => Key(t) == key)
        let found = now.Count(t => Key(t) == key)
        where was != found
        select (key, was, found);

    private static IEnumerable<string> Guards(string whose, IReadOnlyList<GuardCheck> saved, IReadOnlyList<GuardCheck> now, bool ofTime)
    {
        // What a guard of the time finds is the time, which is another whenever one looks.
        var was = saved.Select(g => ofTime ? g with { Found = "" } : g).ToList();
        return now.Where(g => g.Holds && !was.Contains(ofTime ? g with { Found = "" } : g))
            .Select(g => $"{whose}guard {g.Guard} finds {g.Found}, planned {Listed(saved.Where(s => s.Guard == g.Guard).Select(s => s.Found).DefaultIfEmpty("nothing"))}");
    }

    private static IEnumerable<string> Forecasts(IReadOnlyList<Forecast> saved, IReadOnlyList<Forecast> now, bool isTwin)
    {
        var (was, found) = (saved.Select(Key).ToList(), now.Select(Key).ToList());
        return was.Order().SequenceEqual(found.Order()) ? []
            : [$"the outlook is: {Text(now)}; planned was: {Text(saved)}"];

        (string, Outlook, string) Key(Forecast f) => (f.Topic, f.Outlook, isTwin ? "" : f.Message);
        static string Text(IReadOnlyList<Forecast> forecasts) => Listed(forecasts.Select(f => f.Message).DefaultIfEmpty("nothing to say"));
    }

    private static IEnumerable<string> Rights(IReadOnlyList<AccessDecision> saved, IReadOnlyList<AccessDecision> now)
    {
        var granted = saved.Where(s => s.Granted).Select(s => Right(s.Need)).ToHashSet();
        return Rights("no longer granted", now.Where(n => !n.Granted && granted.Contains(Right(n.Need))))
            .Concat(Rights("needed now, and not planned", now.ExceptBy(saved.Select(s => Right(s.Need)), n => Right(n.Need))))
            .Concat(Rights("no longer needed", saved.ExceptBy(now.Select(n => Right(n.Need)), s => Right(s.Need))));
    }

    private static IEnumerable<string> Rights(string what, IEnumerable<AccessDecision> rights)
    {
        List<string> listed = [.. rights.Select(r => r.Need.ToString())];
        return listed.Count == 0 ? [] : [$"rights {what}: {Listed(listed)}"];
    }

    private static (string?, string, string, string, string?, string?) Right(AccessNeed need) => (need.Context, need.Verb, need.Group, need.Resource, need.Namespace, need.Name);

    private static string Place(ClusterIdentity cluster) => cluster.IsTwin ? "the embedded twin" : $"cluster {cluster.Name} ({cluster.Server})";

    private static string Name(Target target) => target.ToString();

    private static string Key(Target target) => target.Kind == "Pod" ? $"Pod in {target.Namespace}" : target.ToString();

    private static string Listed(IEnumerable<string> items)
    {
        List<string> all = [.. items];
        return string.Join(", ", all.Take(Named)) + (all.Count > Named ? $" and {all.Count - Named} more" : "");
    }
}
