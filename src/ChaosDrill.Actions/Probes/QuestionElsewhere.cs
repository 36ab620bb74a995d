using ChaosDrill.Engine.Ports;
using ChaosDrill.Model.Plans;

namespace ChaosDrill.Actions.Probes;

/// <summary>A question that is put to another cluster than the drill's own.</summary>
/// <param name="question">The question, put there.</param>
/// <param name="context">The context that leads there.</param>
internal sealed class QuestionElsewhere(IProbe question, string context) : IProbe
{
    public string Summary => $"{question.Summary}, in cluster {context}";

    /// <summary>In the whole of that cluster: the namespace is not there before it is restored, so it has no roles.</summary>
    public IReadOnlyList<AccessNeed> Needs => [.. question.Needs.Select(n => n with { Context = context, Namespace = null })];

    public Task<ProbeReply> AskAsync(CancellationToken cancellationToken) => question.AskAsync(cancellationToken);
}
