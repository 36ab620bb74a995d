using ChaosDrill.Engine.Drills;
using ChaosDrill.Model.Timelines;
using Xunit;

namespace ChaosDrill.Engine.Tests.Drills;

public sealed class DrillTimelineTests
{
    [Fact]
    public void Record_OfWhatOneLookShowed_IsWrittenInOneGoInItsOrder()
    {
        var writes = new List<IReadOnlyList<TimelineEntry>>();
        var timeline = new DrillTimeline(TimeProvider.System, writes.Add);
        var now = TimeProvider.System.GetTimestamp();
        var changed = timeline.NextChange;
        timeline.Record([(new Note("first"), now), (new Note("second"), now - TimeProvider.System.TimestampFrequency)]);
        Assert.True(changed.IsCompleted);
        timeline.Record([]);
        timeline.Record(new Note("third"));

        Assert.Equal([["first", "second"], ["third"]], writes.Select(w => w.Select(e => ((Note)e.Event).Text).ToList()).ToList());
        Assert.Equal([1, 2, 3], timeline.Entries.Select(e => e.Sequence));
        Assert.Equal(1, (timeline.Entries[0].At - timeline.Entries[1].At).TotalSeconds, 6);
    }
}
