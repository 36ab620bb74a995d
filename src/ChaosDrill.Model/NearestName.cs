namespace ChaosDrill.Model;

/// <summary>Finds the name that was probably meant.</summary>
public static class NearestName
{
    /// <summary>The valid name nearest to what was found; null when none is near enough to be a guess worth making.</summary>
    public static string? Of(string found, IEnumerable<string> valid)
    {
        var plain = Plain(found);
        string? nearest = null;
        var least = int.MaxValue;
        foreach (var name in valid)
        {
            var distance = Distance(plain, Plain(name));
            if (distance < least)
            {
                (nearest, least) = (name, distance);
            }
        }

        return nearest is not null && least <= Math.Min(3, Math.Max(1, nearest.Length / 3)) ? nearest : null;
    }

    // stable_for, stable-for and StableFor are all meant to be stableFor.
    private static string Plain(string name) =>
        name.Length > 64 ? name : name.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();

    /// <summary>Edits needed to turn one into the other: insert, delete, replace, or swap two neighbours (optimal string alignment).</summary>
    private static int Distance(string a, string b)
    {
        // Long names are not misspelt but hostile; the table below would grow with the square of their length.
        if (Math.Abs(a.Length - b.Length) > 3 || a.Length > 128)
        {
            return int.MaxValue;
        }

        var before = new int[b.Length + 1];
        var last = new int[b.Length + 1];
        var row = new int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++)
        {
            last[j] = j;
        }

        for (var i = 1; i <= a.Length; i++)
        {
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                row[j] = Math.Min(Math.Min(last[j], row[j - 1]) + 1, replaced);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    row[j] = Math.Min(row[j], before[j - 2] + 1);
                }
            }

            (before, last, row) = (last, row, before);
        }

        return last[b.Length];
    }
}
