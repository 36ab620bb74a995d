using System.Data.Common;

namespace ChaosDrill.Store;

/// <summary>Finds the drill that an id, the beginning of an id, or <c>latest</c> stands for.</summary>
internal static class DrillLookup
{
    private const string Latest = "latest";

    private const int Named = 5;

    /// <summary>The drill's number; null only for <c>latest</c> in an empty store.</summary>
    /// <exception cref="DrillLookupException">It names no drill or several.</exception>
    public static long? Find(DbConnection connection, string id)
    {
        if (id == Latest)
        {
            return Ids(connection, "SELECT number, id FROM drill ORDER BY started_ms DESC, number DESC LIMIT 1", id) is [var newest] ? newest.Number : null;
        }

        if (Ids(connection, "SELECT number, id FROM drill WHERE id = @id", id) is [var exact])
        {
            return exact.Number;
        }

        var begun = id.Length == 0 ? [] : Ids(
            connection,
            "SELECT number, id FROM drill WHERE substr(id, 1, length(@id)) = @id ORDER BY started_ms DESC, number DESC",
            id);
        return begun switch
        {
            [var one] => one.Number,
            [] => throw Unknown(connection, id),
            _ => throw new DrillLookupException(
                $"{begun.Count} drills begin with '{id}'. Give more of the id; the newest are {List(begun)}.", [.. begun.Take(Named).Select(b => b.Id)]),
        };
    }

    private static DrillLookupException Unknown(DbConnection connection, string id)
    {
        var all = Ids(connection, "SELECT number, id FROM drill ORDER BY started_ms DESC, number DESC LIMIT 1000", id);
        if (all.Count == 0)
        {
            return new DrillLookupException($"There is no drill '{id}': the store holds no drill yet.", []);
        }

        List<(long Number, string Id)> near =
        [
            .. all.Select((drill, order) => (drill, order, distance: Distance(id, drill.Id)))
                .OrderBy(d => d.distance).ThenBy(d => d.order).Take(Named).Select(d => d.drill),
        ];
        return new DrillLookupException(
            $"There is no drill '{id}'. The nearest ids are {List(near)}; 'latest' stands for the newest.", [.. near.Select(n => n.Id)]);
    }

    private static string List(IReadOnlyList<(long Number, string Id)> drills) => string.Join(", ", drills.Take(Named).Select(d => d.Id));

    // Edit distance to the best beginning of the id: people type the beginning, and mistype it.
    private static int Distance(string typed, string id)
    {
        if (typed.Length > 0 && id.Contains(typed, StringComparison.OrdinalIgnoreCase))
        {
            return 0;
        }

        var row = Enumerable.Range(0, id.Length + 1).ToArray();
        foreach (var wanted in typed.AsSpan(0, Math.Min(typed.Length, 100)))
        {
            var diagonal = row[0]++;
            for (var i = 1; i <= id.Length; i++)
            {
                var replace = diagonal + (char.ToLowerInvariant(wanted) == char.ToLowerInvariant(id[i - 1]) ? 0 : 1);
                diagonal = row[i];
                row[i] = Math.Min(replace, 1 + Math.Min(row[i], row[i - 1]));
            }
        }

        return row.Min();
    }

    private static List<(long Number, string Id)> Ids(DbConnection connection, string sql, string id) => connection.List(
        sql, row => (row.GetInt64(0), row.GetString(1)), sql.Contains("@id", StringComparison.Ordinal) ? [("@id", id)] : []);
}
