using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Engine.Scenarios.Slos;

/// <summary>Pyrra's form: a custom resource whose metrics are selectors of series.</summary>
internal static class Pyrra
{
    private const string Range = "[" + ServiceLevel.WindowMark + "]";

    /// <summary>The objective of a document; null when it is none that can be used, which is noted.</summary>
    public static ServiceLevel? Read(SloNode root)
    {
        var spec = root["spec"];
        spec.Knows("target", "window", "description", "indicator", "alerting", "serviceLevel", "performanceOverAccuracy");
        var (name, target, window, ratio) = (root["metadata"]["name"].RequiredText, spec["target"].Between(0, 100), SloWindow.Read(spec["window"]), ErrorRatio(spec["indicator"]));
        return name.Length > 0 && target is { } percent && window is { } time && ratio is not null
            ? new ServiceLevel(name, "Pyrra", (double)((decimal)percent / 100), time, ratio)
            : null;
    }

    private static string? ErrorRatio(SloNode indicator)
    {
        indicator.Knows("ratio", "latency", "latencyNative", "bool_gauge");
        if (indicator["ratio"].Exists)
        {
            var (bad, total) = (Increase(indicator["ratio"]["errors"]), Increase(indicator["ratio"]["total"]));
            return bad is null || total is null ? null : $"{bad} / {total}";
        }

        if (indicator["latency"].Exists)
        {
            var (good, total) = (Increase(indicator["latency"]["success"]), Increase(indicator["latency"]["total"]));
            return good is null || total is null ? null : $"1 - {good} / {total}";
        }

        if (indicator["bool_gauge"].Exists)
        {
            return Selector(indicator["bool_gauge"]["metric"]) is { } gauge ? $"1 - sum(sum_over_time({gauge}{Range})) / sum(count_over_time({gauge}{Range}))" : null;
        }

        indicator.Wrong(
            ScenarioErrorCodes.Slo, indicator["latencyNative"].Exists ? "native histograms are not read here" : "it says nothing of what is measured", "write ratio, latency or bool_gauge");
        return null;
    }

    private static string? Increase(SloNode metric) => Selector(metric["metric"]) is { } selector ? $"sum(increase({selector}{Range}))" : null;

    private static string? Selector(SloNode metric)
    {
        var text = metric.RequiredText.Trim();
        if (SloWindow.IsSelector(text))
        {
            return text;
        }

        if (text.Length > 0)
        {
            metric.Wrong(ScenarioErrorCodes.Slo, $"found {Shown.Quoted(text)}, needs a selector of series", "write NAME{LABEL=\"VALUE\"}, without a function");
        }

        return null;
    }
}
