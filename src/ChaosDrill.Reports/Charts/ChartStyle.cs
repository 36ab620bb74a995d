namespace ChaosDrill.Reports.Charts;

/// <summary>Colours and lines of the charts, for light and dark screens and for paper.</summary>
internal static class ChartStyle
{
    public const string Css =
        """
        .cd-chart{--cd-ink:#1d2733;--cd-soft:#5b6776;--cd-line:#dfe4ea;--cd-paper:#fff;--cd-band:#f4f6f9;--cd-blue:#2563a8;--cd-good:#2c8a57;--cd-bad:#cf3a34;--cd-amber:#b06f00;--cd-violet:#7a55b0;font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-size:11px}
        @media screen and (prefers-color-scheme:dark){.cd-chart{--cd-ink:#e4eaf1;--cd-soft:#9aa7b6;--cd-line:#2e3947;--cd-paper:#151c25;--cd-band:#1b2430;--cd-blue:#6cb0f5;--cd-good:#4fbf85;--cd-bad:#f2716a;--cd-amber:#e3a436;--cd-violet:#b697ea}}
        .cd-chart text{fill:var(--cd-ink)}
        .cd-lane{font-weight:600;paint-order:stroke;stroke:var(--cd-paper);stroke-width:4px;stroke-linejoin:round}
        .cd-tick,.cd-legend,.cd-axis-name,.cd-stage-name{font-variant-numeric:tabular-nums}
        .cd-chart .cd-tick,.cd-chart .cd-axis-name,.cd-chart .cd-legend,.cd-chart .cd-stage-name{fill:var(--cd-soft)}
        .cd-grid{stroke:var(--cd-line);stroke-width:1}
        .cd-axis{stroke:var(--cd-soft);stroke-width:1}
        .cd-ready{fill:none;stroke:var(--cd-blue);stroke-width:2}
        .cd-desired{fill:none;stroke:var(--cd-soft);stroke-width:1.2;stroke-dasharray:4 3}
        .cd-lacking{fill:var(--cd-bad);fill-opacity:.2}
        .cd-empty{fill:var(--cd-line);fill-opacity:.45}
        .cd-success{fill:var(--cd-good)}
        .cd-failure{fill:var(--cd-bad)}
        .cd-unknown{fill:var(--cd-violet)}
        .cd-missed{stroke:var(--cd-amber);stroke-width:.8}
        .cd-hatch-missed{fill:var(--cd-amber)}
        .cd-hatch-gap{fill:var(--cd-amber);fill-opacity:.6}
        .cd-gap{stroke:none}
        .cd-latency{fill:none;stroke:var(--cd-blue);stroke-width:1.8}
        .cd-phase{fill:var(--cd-blue)}
        .cd-costliest{fill:var(--cd-bad)}
        .cd-stage{fill:var(--cd-line);fill-opacity:.8}
        .cd-repetition{fill:none}
        .cd-odd{fill:var(--cd-band)}
        .cd-trend{fill:none;stroke:var(--cd-soft);stroke-width:1.2}
        .cd-ring{fill:none;stroke:var(--cd-ink);stroke-width:1.4}
        .cd-chart .cd-cell{fill:var(--cd-paper);font-weight:700}
        .cd-mark{stroke-width:1.4;stroke:var(--cd-ink)}
        .cd-dot{fill:var(--cd-ink)}
        .cd-chart .cd-label{font-weight:600;paint-order:stroke;stroke:var(--cd-paper);stroke-width:4px;stroke-linejoin:round}
        .cd-mark.cd-requested{stroke:var(--cd-amber);stroke-dasharray:3 3}.cd-dot.cd-requested,.cd-chart .cd-label.cd-requested{fill:var(--cd-amber)}
        .cd-mark.cd-effect,.cd-mark.cd-aborted{stroke:var(--cd-bad)}.cd-dot.cd-effect,.cd-dot.cd-aborted,.cd-chart .cd-label.cd-effect,.cd-chart .cd-label.cd-aborted{fill:var(--cd-bad)}
        .cd-mark.cd-recovered{stroke:var(--cd-good)}.cd-dot.cd-recovered,.cd-chart .cd-label.cd-recovered{fill:var(--cd-good)}
        .cd-mark.cd-stable{stroke:var(--cd-good);stroke-dasharray:3 3}.cd-dot.cd-stable,.cd-chart .cd-label.cd-stable{fill:var(--cd-good)}
        """;

    /// <summary>For a drawing that stands alone: it brings its own paper.</summary>
    public const string StandAlone = Css + "\n.cd-chart{background:var(--cd-paper)}";
}
