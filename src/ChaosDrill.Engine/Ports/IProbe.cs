using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Engine.Ports;

/// <summary>One question that can be asked again and again.</summary>
public interface IProbe
{
    /// <summary>What it asks, in one line.</summary>
    string Summary { get; }

    /// <summary>Rights that asking needs.</summary>
    IReadOnlyList<AccessNeed> Needs { get; }

    /// <summary>
    /// Asks once. Never throws but for cancellation, which the sampler takes for a time-out of the subject.
    /// Several may be under way at once.
    /// </summary>
    Task<ProbeReply> AskAsync(CancellationToken cancellationToken);
}

/// <summary>What a probe's question brought.</summary>
/// <param name="Outcome">Unknown when the question could not be put, which says nothing of the subject.</param>
/// <param name="Detail">Status or error, unless it is a success.</param>
public sealed record ProbeReply(SampleOutcome Outcome, string? Detail);
