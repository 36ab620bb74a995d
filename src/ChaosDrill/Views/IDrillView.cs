using ChaosDrill.Model.Drills;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Views;

/// <summary>Shows a drill while it runs.</summary>
internal interface IDrillView : IAsyncDisposable
{
    /// <summary>The drill is about to start.</summary>
    void Begin(DrillHeader header);

    /// <summary>Something happened. Returns at once; called in order, from any thread.</summary>
    void Show(TimelineEntry entry);
}
