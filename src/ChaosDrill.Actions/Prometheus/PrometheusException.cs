namespace ChaosDrill.Actions.Prometheus;

/// <summary>Prometheus could not be asked, or did not understand; nothing is known of what was asked about.</summary>
/// <param name="message">What came of it.</param>
/// <param name="ofQuery">Whether the query itself is at fault, so that asking again would not help.</param>
internal sealed class PrometheusException(string message, bool ofQuery = false) : Exception(message)
{
    /// <summary>Whether the query itself is at fault.</summary>
    public bool OfQuery => ofQuery;
}
