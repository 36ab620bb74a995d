using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Activities;

/// <summary>What activities are made from.</summary>
internal sealed record ActivityContext(KubernetesClient Client, string Namespace, bool IsTwin);

/// <summary>Which activity a step asks for. A new activity is one line.</summary>
internal static class ActivityKinds
{
    private static readonly Dictionary<Type, Func<StepAction, ActivityContext, IActivity>> All = [];

    /// <summary>The activity of a step; null when the step is none.</summary>
    public static IActivity? ActivityFor(StepAction action, ActivityContext context) =>
        All.TryGetValue(action.GetType(), out var make) ? make(action, context) : null;

    private static Func<StepAction, ActivityContext, IActivity> Kind<T>(Func<T, ActivityContext, IActivity> make)
        where T : StepAction => (action, context) => make((T)action, context);
}
