using ChaosDrill.Model.Drills;

namespace ChaosDrill.Telemetry;

/// <summary>Whether drills are to be told to an OpenTelemetry collector, by the standard environment variables.</summary>
/// <remarks>
/// Source: opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables. Nothing of OpenTelemetry is loaded before a drill is
/// to be told: its libraries would take part of the time to a drill's first request.
/// </remarks>
internal static class Tracing
{
    /// <summary>Whether there is somebody to tell.</summary>
    public static bool IsWanted =>
        !string.Equals(Value("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase)
        && Value("OTEL_TRACES_EXPORTER") is null or "otlp"
        && Endpoint is not null;

    /// <summary>Where traces go, by the more special of the two variables.</summary>
    public static string? Endpoint => Value("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") ?? Value("OTEL_EXPORTER_OTLP_ENDPOINT");

    /// <summary>A variable; one that is empty counts as not set.</summary>
    public static string? Value(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : null;

    /// <summary>Tells a drill that is over, if there is somebody to tell. Never throws: a drill's end does not rest on its trace.</summary>
    /// <param name="record">The drill.</param>
    /// <param name="judgement">What follows from it.</param>
    /// <param name="complain">Told why a trace could not be sent.</param>
    public static void Tell(DrillRecord record, Judgement judgement, Action<string> complain)
    {
        if (!IsWanted)
        {
            return;
        }

        try
        {
            if (TraceExport.Send(record, judgement) is { } why)
            {
                complain($"the trace of drill {record.Header.Id} could not be sent: {why}");
            }
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or NotSupportedException or UriFormatException)
        {
            complain($"the trace of drill {record.Header.Id} could not be sent: {e.Message} Look at the variables OTEL_EXPORTER_OTLP_*");
        }
    }
}
