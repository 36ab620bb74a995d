using System.Globalization;
using System.Text.Json.Nodes;
using ChaosDrill.Actions.Clusters;
using ChaosDrill.Actions.Undos;
using ChaosDrill.Actions.Velero;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Actions.Ledgers;

/// <summary>A ledger in config maps of a namespace, a hundred entries in each: they are lost and restored with it.</summary>
/// <remarks>
/// A config map that was once there is never made again: after a loss the next entries go to a new one, so that a restore of
/// the old ones finds their names free. Thread-safe.
/// </remarks>
internal sealed class ConfigMapLedger(KubernetesClient client, string ns) : ILedger
{
    public const string UndoKind = "ledger";

    /// <summary>Carries the run's id.</summary>
    public const string Label = "chaosdrill.dev/ledger";

    /// <summary>Every write stores the whole config map anew: few entries keep it small.</summary>
    private const int MostEntries = 100;

    private readonly string _run = RunId.Secret();
    private readonly Lock _lock = new();
    private Sheet _sheet = new(0);
    private long _tried;
    private Elsewhere? _elsewhere;

    public string Summary => $"in config maps of namespace {ns}";

    public IReadOnlyList<AccessNeed> Needs =>
        [.. new[] { "create", "patch", "list", "delete" }.Select(verb => new AccessNeed(verb, "", "configmaps", ns, "write the ledger, read it back and remove it"))];

    public (string Kind, string Description, string Payload) WayBack =>
        (UndoKind, $"remove the ledger's config maps from namespace {ns}", new JsonObject { ["namespace"] = ns, ["run"] = _run }.ToJsonString());

    public Task<IReadOnlyList<Refusal>> CheckAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<Refusal>>([]);

    public async Task<EntryOutcome> WriteAsync(long number, string text, UndoRecord undo, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _tried = Math.Max(_tried, number);
        }

        try
        {
            // The sheet at hand may have gone with the namespace: then the entry goes to a new one, once.
            return await TryWriteAsync(TakeSheet(), number, text, undo, cancellationToken) || await TryWriteAsync(TakeSheet(), number, text, undo, cancellationToken)
                ? EntryOutcome.Acknowledged
                : EntryOutcome.Refused;
        }
        catch (ApiException e)
        {
            // Of its own faults a server cannot say whether it wrote before it failed.
            return e.Code is >= 400 and < 500 and not 408 ? EntryOutcome.Refused : EntryOutcome.Unanswered;
        }
        catch (ApiUnreachableException e)
        {
            return e.Cause is UnreachableCause.ConnectionRefused or UnreachableCause.NameNotResolved or UnreachableCause.NoRoute ? EntryOutcome.Refused : EntryOutcome.Unanswered;
        }
    }

    public Task<IReadOnlyDictionary<long, string>> ReadAsync(CancellationToken cancellationToken) => ClusterFailure.Translate<IReadOnlyDictionary<long, string>>(async () =>
    {
        var here = await EntriesAsync(client, cancellationToken);

        // What another cluster took over decides what of the entries up to then is kept.
        return _elsewhere is not { } there ? here
            : there.Entries.Concat(here.Where(e => e.Key > there.UpTo)).ToDictionary(e => e.Key, e => e.Value);
    });

    /// <summary>Reads what another cluster, into which the namespace was restored, has of the entries so far: what is not among them is lost.</summary>
    /// <exception cref="ApiException">They cannot be read.</exception>
    public async Task ReadElsewhereAsync(KubernetesClient other, CancellationToken cancellationToken)
    {
        var upTo = _tried;
        _elsewhere = new Elsewhere(upTo, await EntriesAsync(other, cancellationToken));
    }

    private async Task<IReadOnlyDictionary<long, string>> EntriesAsync(KubernetesClient of, CancellationToken cancellationToken)
    {
        var entries = new Dictionary<long, string>();
        foreach (var entry in (await of.ListAsync(Resources.ConfigMaps, ns, Of(_run), cancellationToken)).Items.SelectMany(map => map.Data))
        {
            if (long.TryParse(entry.Key, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                entries[number] = entry.Value;
            }
        }

        return entries;
    }

    /// <summary>Removes every config map of a run.</summary>
    public static async Task<string> RemoveAsync(KubernetesClient client, UndoRecord undo, CancellationToken cancellationToken)
    {
        var payload = JsonNode.Parse(undo.Payload)!;
        var ns = (string)payload["namespace"]!;
        var maps = (await client.ListAsync(Resources.ConfigMaps, ns, Of((string)payload["run"]!), cancellationToken)).Items;
        foreach (var map in maps)
        {
            try
            {
                await client.DeleteAsync(Resources.ConfigMaps, ns, map.Metadata.Name!, new DeleteOptions { PreconditionUid = map.Metadata.Uid }, cancellationToken);
            }
            catch (ApiException e) when (e.IsNotFound || e.IsConflict)
            {
                // It went with its namespace meanwhile.
            }
        }

        return $"{maps.Count} config map{(maps.Count == 1 ? "" : "s")} of the ledger removed from namespace {ns}";
    }

    private static ListOptions Of(string run) => new() { LabelSelector = $"{Label}={run}" };

    private Sheet TakeSheet()
    {
        lock (_lock)
        {
            if (_sheet.Entries == MostEntries)
            {
                _sheet = new Sheet(_sheet.Number + 1);
            }

            _sheet.Entries++;
            return _sheet;
        }
    }

    /// <returns>Whether the entry was acknowledged; if not, the sheet is gone and another one is at hand.</returns>
    private async Task<bool> TryWriteAsync(Sheet sheet, long number, string text, UndoRecord undo, CancellationToken cancellationToken)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"chaosdrill-ledger-{_run[..8]}-{sheet.Number:0000}");
        var key = number.ToString("D9", CultureInfo.InvariantCulture);
        if (!sheet.IsMade)
        {
            try
            {
                var map = new ConfigMap
                {
                    Metadata = new ObjectMeta
                    {
                        Name = name, Namespace = ns, Labels = new Dictionary<string, string> { [Label] = _run },
                        Annotations = new Dictionary<string, string> { [UndoMark.Annotation] = UndoMark.Text([undo]) },
                    },
                    Data = new Dictionary<string, string> { [key] = text },
                };
                await client.CreateAsync(Resources.ConfigMaps, ns, map, null, cancellationToken);
                sheet.IsMade = true;
                return true;
            }
            catch (ApiException e) when (e.IsAlreadyExists)
            {
                // By an entry beside this one, or by an attempt that was never answered.
                sheet.IsMade = true;
            }
        }

        try
        {
            await client.PatchAsync(Resources.ConfigMaps, ns, name, Patch.Merge(new JsonObject { ["data"] = new JsonObject { [key] = text } }), null, cancellationToken);
            return true;
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            lock (_lock)
            {
                _sheet = _sheet == sheet ? new Sheet(sheet.Number + 1) : _sheet;
            }

            return false;
        }
    }

    /// <summary>What was read of another cluster, and the number up to which entries had been tried by then.</summary>
    private sealed record Elsewhere(long UpTo, IReadOnlyDictionary<long, string> Entries);

    private sealed class Sheet(int number)
    {
        public int Number => number;

        public int Entries { get; set; }

        public bool IsMade { get; set; }
    }
}
