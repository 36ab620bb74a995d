using System.Data.Common;
using ChaosDrill.Engine.Ports;

namespace ChaosDrill.Store;

/// <summary>
/// Who starts which drill. A firing is claimed before anything else is done, by inserting its row: whoever inserts it has
/// it. It changes hands by compare-and-set on its owner, and its drill can be begun by its owner alone, in the transaction
/// that begins the drill. So a firing has one drill at most, whatever dies when.
/// </summary>
/// <remarks>Thread-safe. Every member throws <see cref="JournalException"/> when the store fails.</remarks>
public sealed class FiringLedger
{
    private const string Columns =
        "SELECT id, scenario, asked_by, scheduled_ms, due_ms, cluster, namespace, whole_cluster, state, owner, drill, reason, fence, worker_set FROM firing";

    private readonly IStoreAccess _store;

    internal FiringLedger(IStoreAccess store) => _store = store;

    /// <summary>Takes a firing, unless it was taken before or a drill is under way that it must not overlap.</summary>
    /// <param name="firing">Which.</param>
    /// <param name="owner">The worker that takes it.</param>
    /// <param name="now">The time.</param>
    /// <returns>
    /// What stands in the store: <see cref="FiringState.Claimed"/> when it is the owner's, or
    /// <see cref="FiringState.Skipped"/> with the reason; null when it was taken before.
    /// </returns>
    public Firing? Claim(Firing firing, string owner, DateTimeOffset now) => _store.Write($"claim firing {firing.Id}", connection =>
    {
        if (One(connection, firing.Id) is not null)
        {
            return null;
        }

        // Two that claim at once would not see each other.
        if (firing.Cluster is not null && SqlDialect.Of(connection).Alone is { } alone)
        {
            connection.Run(alone);
        }

        var other = firing.Cluster is null ? null : connection.List(
            Columns +
            """
             WHERE state IN ('Claimed', 'Begun') AND cluster = @cluster
              AND (namespace = @namespace OR whole_cluster = 1 OR @whole = 1)
            """,
            Row, ("@cluster", firing.Cluster), ("@namespace", firing.Namespace), ("@whole", firing.WholeCluster ? 1L : 0L)).FirstOrDefault();
        var taken = other is null
            ? firing with { State = FiringState.Claimed, Owner = owner, Fence = 1 }
            : firing with
            {
                State = FiringState.Skipped,
                Reason = $"{(other.Drill is null ? $"firing {other.Id}" : $"drill {other.Drill}")} is under way in namespace {other.Namespace} of {other.Cluster}",
            };
        return Insert(connection, taken, now) ? taken : null;
    });

    /// <summary>Writes down that a firing is left out; one that was taken before stays as it is.</summary>
    public void Skip(Firing firing, string reason, DateTimeOffset now) => _store.Write($"skip firing {firing.Id}", connection =>
        Insert(connection, firing with { State = FiringState.Skipped, Reason = reason }, now));

    /// <summary>Says what has become of a firing.</summary>
    /// <param name="claimed">The firing, as its claim was given.</param>
    /// <param name="state">What has become of it. One whose drill has begun ends; it is not skipped, and does not fail to start.</param>
    /// <param name="reason">Why, or how its drill ended.</param>
    /// <param name="now">The time.</param>
    /// <returns>Whether it was still the owner's.</returns>
    public bool Finish(Firing claimed, FiringState state, string? reason, DateTimeOffset now) => _store.Write($"finish firing {claimed.Id}", connection =>
        connection.Run(
            "UPDATE firing SET state = @state, reason = @reason, changed_ms = @now WHERE id = @id AND owner = @owner AND fence = @fence AND (state = 'Claimed' OR (state = 'Begun' AND @state = 'Ended'))",
            ("@state", state.ToString()), ("@reason", reason), ("@now", now.ToUnixTimeMilliseconds()), ("@id", claimed.Id), ("@owner", claimed.Owner), ("@fence", claimed.Fence)) == 1);

    /// <summary>Takes a firing, and its drill if one was begun, from a worker that is gone.</summary>
    /// <param name="firing">The firing, as it was read.</param>
    /// <param name="owner">Who takes it.</param>
    /// <param name="now">The time.</param>
    /// <param name="beats">How often its owner had been heard of when it was taken for dead; null where that was seen otherwise.</param>
    /// <returns>The firing as it is now; null when it is not that worker's any more, or that worker lives.</returns>
    public Firing? TakeOver(Firing firing, string owner, DateTimeOffset now, long? beats = null) => _store.Write($"take over firing {firing.Id}", connection =>
    {
        if (connection.Run(
            """
            UPDATE firing SET owner = @owner, fence = fence + 1, changed_ms = @now
            WHERE id = @id AND state = @state AND fence = @fence
              AND NOT EXISTS (SELECT 1 FROM worker WHERE worker.name = firing.owner AND worker.beats <> @beats AND @beats >= 0)
            """,
            ("@owner", owner), ("@now", now.ToUnixTimeMilliseconds()), ("@id", firing.Id), ("@state", firing.State.ToString()), ("@fence", firing.Fence), ("@beats", beats ?? -1L)) != 1)
        {
            return null;
        }

        if (firing.Drill is not null)
        {
            connection.Run("UPDATE drill SET owner = @owner, fence = @fence WHERE id = @drill", ("@owner", owner), ("@fence", firing.Fence + 1), ("@drill", firing.Drill));
        }

        return firing with { Owner = owner, Fence = firing.Fence + 1 };
    });

    /// <summary>Gives a claimed firing back, for whichever worker comes next.</summary>
    public void Release(Firing claimed, DateTimeOffset now) => _store.Write($"give back firing {claimed.Id}", connection => connection.Run(
        "UPDATE firing SET owner = NULL, changed_ms = @now WHERE id = @id AND owner = @owner AND fence = @fence AND state = 'Claimed'",
        ("@now", now.ToUnixTimeMilliseconds()), ("@id", claimed.Id), ("@owner", claimed.Owner), ("@fence", claimed.Fence)));

    /// <summary>Whether a firing is still that of whoever claimed it.</summary>
    public bool Holds(Firing claimed) => _store.Read($"read firing {claimed.Id}", connection =>
        connection.Number("SELECT count(*) FROM firing WHERE id = @id AND fence = @fence", ("@id", claimed.Id), ("@fence", claimed.Fence)) == 1);

    /// <summary>Lets the other workers know that this one lives.</summary>
    /// <param name="worker">This worker.</param>
    /// <param name="set">Its set.</param>
    /// <param name="scenarios">A digest of its scenarios, for the others of its set to compare.</param>
    public void Beat(string worker, string set = Firing.UsualSet, string scenarios = "") => _store.Write("say that this worker lives", connection => connection.Run(
        $"""
        INSERT INTO worker (name, beats, beat_ms, worker_set, scenarios) VALUES (@name, 1, {SqlDialect.Of(connection).Now}, @set, @scenarios)
        ON CONFLICT (name) DO UPDATE SET beats = worker.beats + 1, beat_ms = excluded.beat_ms, scenarios = excluded.scenarios
        """,
        ("@name", worker), ("@set", set), ("@scenarios", scenarios)));

    /// <summary>The workers of a set, each with the digest of its scenarios.</summary>
    public IReadOnlyDictionary<string, string> Scenarios(string set) => _store.Read("read the workers", connection => connection.List(
        "SELECT name, scenarios FROM worker WHERE worker_set = @set", row => (row.GetString(0), row.GetString(1)), ("@set", set)).ToDictionary());

    /// <summary>Takes it upon a worker to tell of something that others see too.</summary>
    /// <param name="subject">What of, and whom: the same words, whoever sees it.</param>
    /// <param name="worker">Who is to tell.</param>
    /// <param name="now">The time.</param>
    /// <returns>Whether nobody has done so before.</returns>
    public bool Announce(string subject, string worker, DateTimeOffset now) => _store.Write("take a notice", connection => connection.Run(
        "INSERT INTO notice (subject, told_by, told_ms) VALUES (@subject, @worker, @now) ON CONFLICT (subject) DO NOTHING",
        ("@subject", subject), ("@worker", worker), ("@now", now.ToUnixTimeMilliseconds())) == 1);

    /// <summary>How often each worker has been heard of. Whoever sees a number stand still for long enough, by a clock of their own, knows a dead one.</summary>
    public IReadOnlyDictionary<string, long> Beats() => _store.Read("read the workers", connection => connection.List(
        "SELECT name, beats FROM worker", row => (row.GetString(0), row.GetInt64(1))).ToDictionary());

    /// <summary>Leaves word for whichever worker runs a drill.</summary>
    public void Say(Word word) => _store.Write($"leave word for drill {word.Drill}", connection => connection.Run(
        "INSERT INTO word (drill, verb, said_by, reason) VALUES (@drill, @verb, @by, @reason)",
        ("@drill", word.Drill), ("@verb", word.Verb), ("@by", word.By), ("@reason", word.Reason)));

    /// <summary>Takes the words that were left for a drill, the first one first.</summary>
    public IReadOnlyList<Word> Hear(string drill)
    {
        const string Left = "SELECT number, drill, verb, said_by, reason FROM word WHERE drill = @drill ORDER BY number";
        var left = _store.Read("read what was said", connection => connection.List(
            Left, row => (Number: row.GetInt64(0), Word: new Word(row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4))), ("@drill", drill)));
        if (left.Count > 0)
        {
            _store.Write("take what was said", connection => connection.Run("DELETE FROM word WHERE drill = @drill AND number <= @last", ("@drill", drill), ("@last", left[^1].Number)));
        }

        return [.. left.Select(l => l.Word)];
    }

    /// <summary>Forgets a worker that has ended, or was dead for long. One that is heard of again is known again.</summary>
    public void Forget(string worker) => _store.Write($"forget worker {worker}", connection => connection.Run("DELETE FROM worker WHERE name = @name", ("@name", worker)));

    /// <summary>Firings that are claimed or have a drill under way, the oldest first.</summary>
    public IReadOnlyList<Firing> Open() => _store.Read("read the open firings", connection => connection.List(
        Columns + " WHERE state IN ('Claimed', 'Begun') ORDER BY scheduled_ms, id", Row));

    /// <summary>The newest firings, the newest first.</summary>
    public IReadOnlyList<Firing> Newest(int limit) => _store.Read("read the firings", connection => connection.List(
        Columns + " ORDER BY scheduled_ms DESC, id LIMIT @limit", Row, ("@limit", (long)limit)));

    /// <summary>How many firings there are in each state.</summary>
    public IReadOnlyList<(FiringState State, long Count)> Tally() => _store.Read("count the firings", connection => connection.List(
        "SELECT state, count(*) FROM firing GROUP BY state ORDER BY state", row => (Enum.Parse<FiringState>(row.GetString(0)), row.GetInt64(1))));

    /// <summary>The firing that a drill is of; null when it is of none.</summary>
    public Firing? OfDrill(string drill) => _store.Read($"read the firing of drill {drill}", connection => connection.List(Columns + " WHERE drill = @drill", Row, ("@drill", drill)).FirstOrDefault());

    /// <summary>One firing; null when there is none of that id.</summary>
    public Firing? Find(string id) => _store.Read($"read firing {id}", connection => One(connection, id));

    /// <summary>Stops the schedule of a scenario.</summary>
    public void Stop(Pause pause) => _store.Write($"pause {pause.Scenario}", connection => connection.Run(
        "INSERT INTO pause (scenario, asked_by, reason, since_ms) VALUES (@scenario, @by, @reason, @since) ON CONFLICT (scenario) DO NOTHING",
        ("@scenario", pause.Scenario), ("@by", pause.By), ("@reason", pause.Reason), ("@since", pause.Since.ToUnixTimeMilliseconds())));

    /// <summary>Lets the schedule of a scenario go on.</summary>
    /// <returns>Whether it was stopped.</returns>
    public bool Resume(string scenario) => _store.Write($"resume {scenario}", connection =>
        connection.Run("DELETE FROM pause WHERE scenario = @scenario", ("@scenario", scenario)) > 0);

    /// <summary>The schedules that are stopped.</summary>
    public IReadOnlyList<Pause> Paused() => _store.Read("read the pauses", connection => connection.List(
        "SELECT scenario, asked_by, reason, since_ms FROM pause WHERE scenario <> '' ORDER BY scenario",
        row => new Pause(row.GetString(0), row.GetString(1), row.GetString(2), row.Time(3))));

    /// <summary>Makes sure that the store can be written to, by writing.</summary>
    public void Probe(DateTimeOffset now) => _store.Write("write to the store", connection => connection.Run(
        "INSERT INTO pause (scenario, asked_by, reason, since_ms) VALUES ('', '', '', @now) ON CONFLICT (scenario) DO UPDATE SET since_ms = excluded.since_ms",
        ("@now", now.ToUnixTimeMilliseconds())));

    /// <summary>Keeps the last good text of scenario files, so that a file that has become bad can be done without after a restart.</summary>
    /// <param name="good">Path and text of files.</param>
    /// <param name="gone">Paths of files that are no more.</param>
    public void Keep(IReadOnlyList<(string File, string Text)> good, IReadOnlyList<string> gone) => _store.Write("keep the scenarios", connection =>
    {
        SqlBatch.Run(connection, "DELETE FROM kept_scenario WHERE file = @file", gone.Select(file => new (string, object?)[] { ("@file", file) }));

        // Sorted: two workers that keep the same files at once wait for each other, and not each for the other. What is the same is not written again.
        SqlBatch.Run(
            connection,
            """
            INSERT INTO kept_scenario (file, text) VALUES (@file, @text)
            ON CONFLICT (file) DO UPDATE SET text = excluded.text WHERE kept_scenario.text <> excluded.text
            """,
            good.OrderBy(g => g.File, StringComparer.Ordinal).Select(g => new (string, object?)[] { ("@file", g.File), ("@text", g.Text) }));
        return true;
    });

    /// <summary>The last good text of a scenario file; null when it never was good.</summary>
    public string? Kept(string file) => _store.Read("read a kept scenario", connection => connection.List(
        "SELECT text FROM kept_scenario WHERE file = @file", row => row.GetString(0), ("@file", file)).FirstOrDefault());

    /// <summary>Notes the drill of a firing, in the transaction that begins the drill.</summary>
    /// <exception cref="ClaimLostException">The firing is another worker's by now, or has its drill already.</exception>
    internal static void Begin(DbConnection connection, Firing claimed, string drill)
    {
        if (connection.Run(
            "UPDATE firing SET state = 'Begun', drill = @drill WHERE id = @id AND owner = @owner AND fence = @fence AND state = 'Claimed'",
            ("@drill", drill), ("@id", claimed.Id), ("@owner", claimed.Owner), ("@fence", claimed.Fence)) != 1)
        {
            throw new ClaimLostException($"Firing {claimed.Id} is no longer this worker's to start: another one has taken it over. Nothing was touched.");
        }

        connection.Run("UPDATE drill SET owner = @owner, fence = @fence WHERE id = @drill", ("@owner", claimed.Owner), ("@fence", claimed.Fence), ("@drill", drill));
    }

    private static Firing? One(DbConnection connection, string id) =>
        connection.List(Columns + " WHERE id = @id", Row, ("@id", id)).FirstOrDefault();

    private static bool Insert(DbConnection connection, Firing firing, DateTimeOffset now) => connection.Run(
        """
        INSERT INTO firing (id, scenario, asked_by, scheduled_ms, due_ms, cluster, namespace, whole_cluster, state, owner, fence, reason, changed_ms, worker_set)
        VALUES (@id, @scenario, @by, @scheduled, @due, @cluster, @namespace, @whole, @state, @owner, @fence, @reason, @now, @set)
        ON CONFLICT (id) DO NOTHING
        """,
        ("@id", firing.Id), ("@scenario", firing.Scenario), ("@by", firing.AskedBy),
        ("@scheduled", firing.ScheduledAt.ToUnixTimeMilliseconds()), ("@due", firing.DueAt.ToUnixTimeMilliseconds()),
        ("@cluster", firing.Cluster), ("@namespace", firing.Namespace), ("@whole", firing.WholeCluster ? 1L : 0L),
        ("@state", firing.State.ToString()), ("@owner", firing.Owner), ("@fence", firing.Fence), ("@reason", firing.Reason), ("@now", now.ToUnixTimeMilliseconds()), ("@set", firing.WorkerSet)) == 1;

    private static Firing Row(DbDataReader row) => new()
    {
        Id = row.GetString(0),
        Scenario = row.GetString(1),
        AskedBy = row.GetString(2),
        ScheduledAt = row.Time(3),
        DueAt = row.Time(4),
        Cluster = row.Text(5),
        Namespace = row.GetString(6),
        WholeCluster = row.GetInt64(7) == 1,
        State = Enum.Parse<FiringState>(row.GetString(8)),
        Owner = row.Text(9),
        Drill = row.Text(10),
        Reason = row.Text(11),
        Fence = row.GetInt64(12),
        WorkerSet = row.GetString(13),
    };
}
