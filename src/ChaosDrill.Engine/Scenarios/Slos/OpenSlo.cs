using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Engine.Scenarios.Slos;

/// <summary>OpenSLO, version 1: ratios whose metrics come from a Prometheus.</summary>
internal static class OpenSlo
{
    private const string Range = "[" + ServiceLevel.WindowMark + "]";

    /// <summary>Instants that an expression is looked at within the window; Prometheus' own rhythm.</summary>
    private const string Often = "[" + ServiceLevel.WindowMark + ":]";

    /// <summary>The objective of a document; null when it is none that can be used, which is noted.</summary>
    public static ServiceLevel? Read(SloNode root, IReadOnlyList<SloNode> all)
    {
        root.Knows("apiVersion", "kind", "metadata", "spec");
        var spec = root["spec"];
        spec.Knows("description", "service", "indicator", "indicatorRef", "timeWindow", "budgetingMethod", "objectives", "alertPolicies");
        var name = root["metadata"]["name"].RequiredText;
        if (spec["budgetingMethod"].RequiredText is { Length: > 0 } method && method != "Occurrences")
        {
            spec["budgetingMethod"].Wrong(ScenarioErrorCodes.Slo, $"found {Shown.Quoted(method)}; budgets are counted in events here", "write budgetingMethod: Occurrences");
        }

        var (target, window, ratio) = (Target(spec["objectives"]), Window(spec["timeWindow"]), Indicator(spec, all) is { } sli ? ErrorRatio(sli) : null);
        return name.Length > 0 && target is { } share && window is { } time && ratio is not null ? new ServiceLevel(name, "OpenSLO", share, time, ratio) : null;
    }

    private static double? Target(SloNode objectives)
    {
        if (objectives.Items is not [var only])
        {
            objectives.Wrong(ScenarioErrorCodes.Slo, $"there are {objectives.Items.Count} objectives; a budget is that of one", "leave one, without indicators of its own");
            return null;
        }

        only.Knows("displayName", "target", "targetPercent", "compositeWeight", "indicator", "indicatorRef", "op", "value", "timeSliceTarget", "timeSliceWindow");
        if (only["indicator"].Exists || only["indicatorRef"].Exists)
        {
            only.Wrong(ScenarioErrorCodes.Slo, "an objective made of several is not read here", "name the single ones");
            return null;
        }

        return only["targetPercent"].Exists && !only["target"].Exists
            ? only["targetPercent"].Between(0, 100) is { } percent ? (double)((decimal)percent / 100) : null
            : only["target"].Between(0, 1);
    }

    private static TimeSpan? Window(SloNode windows)
    {
        if (windows.Items is [var only])
        {
            only.Knows("duration", "isRolling", "calendar");
            return SloWindow.Read(only["duration"]);
        }

        windows.Wrong(ScenarioErrorCodes.Slo, $"there are {windows.Items.Count} windows, and OpenSLO allows one", "write timeWindow: [ { duration: 30d, isRolling: true } ]");
        return null;
    }

    private static SloNode? Indicator(SloNode spec, IReadOnlyList<SloNode> all)
    {
        if (spec["indicator"].Exists)
        {
            return spec["indicator"]["spec"];
        }

        var name = spec["indicatorRef"].RequiredText;
        var slis = all.Where(d => d["kind"].Text == "SLI").ToList();
        if (name.Length > 0 && slis.FirstOrDefault(d => d["metadata"]["name"].Text == name) is { } found)
        {
            return found["spec"];
        }

        if (name.Length > 0)
        {
            var near = NearestName.Of(name, slis.Select(d => d["metadata"]["name"].Text).OfType<string>());
            spec["indicatorRef"].Wrong(ScenarioErrorCodes.Slo, $"this file has no SLI {Shown.Quoted(name)}", near is null ? "put it into the same file" : $"did you mean \"{near}\"?");
        }

        return null;
    }

    private static string? ErrorRatio(SloNode sli)
    {
        sli.Knows("description", "ratioMetric", "thresholdMetric");
        var metric = sli["ratioMetric"];
        if (!metric.Exists)
        {
            sli.Wrong(ScenarioErrorCodes.Slo, sli["thresholdMetric"].Exists ? "a threshold is no share of events" : "it says nothing of what is measured", "write ratioMetric");
            return null;
        }

        metric.Knows("counter", "good", "bad", "total", "raw", "rawType");
        if (metric["raw"].Exists)
        {
            var type = metric["rawType"].RequiredText;
            if (type is not ("success" or "failure"))
            {
                metric["rawType"].Wrong(ScenarioErrorCodes.Slo, $"found {Shown.Quoted(type)}", "write success or failure");
                return null;
            }

            return Query(metric["raw"]) is { } raw ? (type == "success" ? "1 - " : "") + $"avg_over_time(({raw}){Often})" : null;
        }

        var isGood = metric["good"].Exists;
        if (isGood == metric["bad"].Exists)
        {
            metric.Wrong(ScenarioErrorCodes.Slo, "a ratio has either good or bad events, beside all", "write one of good and bad, and total");
            return null;
        }

        var counts = metric["counter"].Text == "true";
        var (part, total) = (Counted(metric[isGood ? "good" : "bad"], counts), Counted(metric["total"], counts));
        return part is null || total is null ? null : (isGood ? "1 - " : "") + $"{part} / {total}";
    }

    /// <summary>Events within the window: what a counter grew by, or what a rate was on average.</summary>
    private static string? Counted(SloNode metric, bool counts)
    {
        if (Query(metric) is not { } query)
        {
            return null;
        }

        if (!counts)
        {
            return $"sum(avg_over_time(({query}){Often}))";
        }

        if (!SloWindow.IsSelector(query))
        {
            metric["metricSource"]["spec"]["query"].Wrong(
                ScenarioErrorCodes.Slo, $"found {Shown.Quoted(query)}; of a counter only a selector of series can be counted", "write NAME{LABEL=\"VALUE\"}, or counter: false for a rate");
            return null;
        }

        return $"sum(increase({query}{Range}))";
    }

    private static string? Query(SloNode metric)
    {
        var source = metric["metricSource"];
        if (source["type"].Text is { } type && !type.Equals("Prometheus", StringComparison.OrdinalIgnoreCase))
        {
            source["type"].Wrong(ScenarioErrorCodes.Slo, $"found {Shown.Quoted(type)}; only Prometheus is asked here", "write type: Prometheus");
            return null;
        }

        return source["spec"]["query"].RequiredText.Trim() is { Length: > 0 } query ? query : null;
    }
}
