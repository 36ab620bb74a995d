using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using ChaosDrill.Actions.Etcd.Client;
using ChaosDrill.Actions.Etcd.Snapshots;
using ChaosDrill.Actions.Restores.EtcdSnapshot;
using ChaosDrill.Actions.Velero;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Actions.Ledgers;

/// <summary>A ledger in etcd itself, one key for each entry, past any API server.</summary>
/// <remarks>An entry that one member did not take is offered to the next: the same key with the same value, however often, is one entry. Thread-safe.</remarks>
internal sealed class EtcdLedger(EtcdAccess? access, TimeProvider clock) : ILedger
{
    public const string UndoKind = "etcdLedger";

    /// <summary>The statuses of gRPC by which a member says that it wrote nothing: it was asked wrongly, or not allowed, or is full.</summary>
    private static readonly int[] _refusals = [3, 5, 7, 8, 9, 11, 12, 16];

    private readonly string _prefix = $"{SnapshotContent.DrillPrefix}ledger/{RunId.Secret()}/";
    private readonly Lazy<EtcdClient[]> _members = new(() => [.. access?.Endpoints.Select(e => new EtcdClient(access.At(e), clock) { Limit = TimeSpan.FromSeconds(2) }) ?? []]);
    private int _first;

    public string Summary => access is null ? "in etcd" : $"in etcd at {string.Join(", ", access.Endpoints)}";

    public IReadOnlyList<AccessNeed> Needs => [];

    public (string Kind, string Description, string Payload) WayBack => (UndoKind, "remove the ledger's keys from etcd", new JsonObject
    {
        ["endpoints"] = new JsonArray([.. access?.Endpoints.Select(e => (JsonNode)e) ?? []]),
        ["ca"] = access?.CaFile,
        ["cert"] = access?.CertFile,
        ["key"] = access?.KeyFile,
        ["prefix"] = _prefix,
    }.ToJsonString());

    public async Task<IReadOnlyList<Refusal>> CheckAsync(CancellationToken cancellationToken)
    {
        if (access is null)
        {
            return [EtcdPresets.NoAccess];
        }

        if (EtcdPresets.Unreadable(access).ToList() is { Count: > 0 } unreadable)
        {
            return unreadable;
        }

        try
        {
            await ReadAsync(cancellationToken);
            return [];
        }
        catch (EtcdException e)
        {
            return [new Refusal(RefusalKind.Missing, $"the ledger cannot be written: {e.Message}", "correct spec.ledger, or start etcd")];
        }
    }

    public async Task<EntryOutcome> WriteAsync(long number, string text, UndoRecord undo, CancellationToken cancellationToken)
    {
        var outcome = EntryOutcome.Refused;
        var (members, first) = (_members.Value, _first);
        for (var i = 0; i < members.Length; i++)
        {
            var member = (first + i) % members.Length;
            try
            {
                await members[member].PutAsync(_prefix + number.ToString("D9", CultureInfo.InvariantCulture), Encoding.UTF8.GetBytes(text), cancellationToken);
                _first = member;
                return EntryOutcome.Acknowledged;
            }
            catch (EtcdException e)
            {
                // Nothing listens there, or it says that it wrote nothing; any other member may have passed the entry on.
                var isRefusal = (e.Code is { } code && _refusals.Contains(code)) || e.InnerException?.InnerException is System.Net.Sockets.SocketException;
                outcome = isRefusal ? outcome : EntryOutcome.Unanswered;
            }
        }

        return outcome;
    }

    public async Task<IReadOnlyDictionary<long, string>> ReadAsync(CancellationToken cancellationToken)
    {
        EtcdException? last = null;
        foreach (var member in _members.Value)
        {
            try
            {
                var entries = new Dictionary<long, string>();
                byte[] from = Encoding.UTF8.GetBytes(_prefix), to = EtcdClient.EndOf(_prefix);
                for (RangePage? page = null; page is not { More: false }; from = [.. page!.LastKey, 0])
                {
                    page = await member.RangeAsync(from, to, 1000, 0, (in KeyValue found) => Add(entries, found), cancellationToken);
                }

                return entries;
            }
            catch (EtcdException e)
            {
                last = e;
            }
        }

        throw last!;
    }

    /// <summary>Removes every key of a run.</summary>
    public static async Task<string> RemoveAsync(UndoRecord undo, TimeProvider clock, CancellationToken cancellationToken)
    {
        var payload = JsonNode.Parse(undo.Payload)!.AsObject();
        var prefix = (string)payload["prefix"]!;
        var access = new EtcdAccess(
            [.. payload["endpoints"]!.AsArray().Select(e => (string)e!)], (string?)payload["ca"], (string?)payload["cert"], (string?)payload["key"]);
        EtcdException? last = null;
        foreach (var endpoint in access.Endpoints)
        {
            try
            {
                using var member = new EtcdClient(access.At(endpoint), clock);
                await member.DeletePrefixAsync(prefix, cancellationToken);
                return $"the ledger's keys are out of etcd at {endpoint}";
            }
            catch (EtcdException e)
            {
                last = e;
            }
        }

        throw last!;
    }

    private void Add(Dictionary<long, string> entries, in KeyValue found)
    {
        if (long.TryParse(Encoding.UTF8.GetString(found.Key)[_prefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            entries[number] = Encoding.UTF8.GetString(found.Value);
        }
    }
}
