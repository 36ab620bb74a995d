using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Engine.Scenarios.Slos;

/// <summary>Sloth's form: the same fields in its own files with underscores and in its custom resource in camelCase.</summary>
internal static class Sloth
{
    /// <summary>Sloth's own, unless it is started with another.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromDays(30);

    /// <summary>How the fields of a file are called.</summary>
    public static readonly Func<string, string> Snake = name => string.Concat(name.Select(c => char.IsUpper(c) ? "_" + char.ToLowerInvariant(c) : c.ToString()));

    /// <summary>How the fields of a custom resource are called.</summary>
    public static readonly Func<string, string> Camel = name => name;

    /// <summary>Every objective of a service.</summary>
    public static IEnumerable<ServiceLevel> Read(SloNode root, Func<string, string> field)
    {
        root.Knows("version", "service", "labels", "slos", field("sloPlugins"));
        foreach (var slo in root["slos"].Items)
        {
            slo.Knows("name", "objective", "description", "labels", "sli", "alerting", "plugins");
            var (name, percent, ratio) = (slo["name"].RequiredText, slo["objective"].Between(0, 100), ErrorRatio(slo["sli"], field));
            if (percent is { } target && ratio is not null && name.Length > 0)
            {
                yield return new ServiceLevel(name, "Sloth", (double)((decimal)target / 100), Period, ratio);
            }
        }
    }

    private static string? ErrorRatio(SloNode sli, Func<string, string> field)
    {
        sli.Knows("events", "raw", "plugin");
        if (sli["events"].Exists)
        {
            sli["events"].Knows(field("errorQuery"), field("totalQuery"));
            var (bad, total) = (Windowed(sli["events"][field("errorQuery")]), Windowed(sli["events"][field("totalQuery")]));
            return bad is null || total is null ? null : $"({bad}) / ({total})";
        }

        if (sli["raw"].Exists)
        {
            sli["raw"].Knows(field("errorRatioQuery"));
            return Windowed(sli["raw"][field("errorRatioQuery")]);
        }

        sli.Wrong(
            ScenarioErrorCodes.Slo, sli["plugin"].Exists ? "what a plugin of Sloth measures is known to Sloth alone" : "it says nothing of what is measured",
            "write events or raw, with queries");
        return null;
    }

    private static string? Windowed(SloNode query)
    {
        var text = query.RequiredText.Trim().TrimEnd(';');
        var plain = text.Replace("{{ .window }}", ServiceLevel.WindowMark, StringComparison.Ordinal);
        if (text.Length > 0 && !plain.Contains(ServiceLevel.WindowMark, StringComparison.Ordinal))
        {
            query.Wrong(ScenarioErrorCodes.Slo, "the query does not say where its window belongs", "write [{{.window}}] where the range is, as Sloth asks for it");
            return null;
        }

        return text.Length > 0 ? plain : null;
    }
}
