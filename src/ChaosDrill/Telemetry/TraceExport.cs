using System.Diagnostics;
using System.Diagnostics.Tracing;
using ChaosDrill.Hosting;
using ChaosDrill.Model.Drills;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace ChaosDrill.Telemetry;

/// <summary>Sends one drill's trace by OTLP, as the standard environment variables say.</summary>
internal static class TraceExport
{
    private const string Source = "ChaosDrill";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    /// <summary>Sends the trace and waits until it is sent.</summary>
    /// <returns>Why it was not sent; null when it was.</returns>
    public static string? Send(DrillRecord record, Judgement judgement)
    {
        using var trouble = new Trouble();
        using var source = new ActivitySource(Source, Tool.Version);
        using var provider = Sdk.CreateTracerProviderBuilder().AddSource(Source).ConfigureResource(Describe).AddOtlpExporter(Aim).Build();
        DrillTrace.Write(source, record, judgement);
        return provider.ForceFlush((int)Limit.TotalMilliseconds) ? trouble.First : trouble.First ?? $"no answer within {Limit.TotalSeconds:0} s";
    }

    // The library reads the general variables itself, and passes over those for traces and a protocol that it does not know.
    private static void Aim(OtlpExporterOptions options)
    {
        options.Protocol = (Tracing.Value("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL") ?? Tracing.Value("OTEL_EXPORTER_OTLP_PROTOCOL")) switch
        {
            null => options.Protocol,
            "grpc" => OtlpExportProtocol.Grpc,
            "http/protobuf" => OtlpExportProtocol.HttpProtobuf,
            var other => throw new NotSupportedException($"the protocol \"{other}\" is not one of grpc and http/protobuf."),
        };
        if (Tracing.Value("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") is { } own)
        {
            options.Endpoint = new Uri(own);
        }
    }

    // A name in the environment is the user's own.
    private static void Describe(ResourceBuilder resource)
    {
        var named = Tracing.Value("OTEL_SERVICE_NAME") is not null || Tracing.Value("OTEL_RESOURCE_ATTRIBUTES")?.Contains("service.name=", StringComparison.Ordinal) == true;
        if (!named)
        {
            resource.AddService("chaosdrill", serviceVersion: Tool.Version);
        }
    }

    /// <summary>What the library tells its own log alone.</summary>
    private sealed class Trouble : EventListener
    {
        /// <summary>The first failure; null when there was none.</summary>
        public string? First { get; private set; }

        protected override void OnEventSourceCreated(EventSource eventSource)
        {
            if (eventSource.Name.StartsWith("OpenTelemetry-Exporter-", StringComparison.Ordinal))
            {
                EnableEvents(eventSource, EventLevel.Error);
            }
        }

        protected override void OnEventWritten(EventWrittenEventArgs eventData) =>
            First ??= string.Join(": ", (eventData.Payload ?? []).OfType<string>().Select(FirstLine)) is { Length: > 0 } said ? said : eventData.EventName;

        // What follows in the lines behind it is where in the library it happened.
        private static string FirstLine(string text) => text.ReplaceLineEndings("\n").Split('\n')[0];
    }
}
