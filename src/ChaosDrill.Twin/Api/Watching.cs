using System.Globalization;
using ChaosDrill.Twin.Api.Tables;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Api;

/// <summary>Opens watches: what was, what changed since, and what comes.</summary>
internal sealed class Watching(ControlPlane plane)
{
    private static readonly TimeSpan BookmarkPeriod = TimeSpan.FromMinutes(1);

    private readonly HashSet<FrameQueue> open = [];

    public int Count => open.Count;

    public ApiResponse Open(ResourceType type, WatchFilter filter, ApiRequest request)
    {
        var from = request.Param("resourceVersion") ?? "";
        if (!long.TryParse(from.Length == 0 ? "0" : from, NumberStyles.None, CultureInfo.InvariantCulture, out var version))
        {
            throw Failure.Of(400, "BadRequest", $"Invalid value: \"{from}\": strconv.ParseUint: parsing \"{from}\": invalid syntax");
        }

        var initial = request.Flag("sendInitialEvents");
        if (initial && request.Param("resourceVersionMatch") != "NotOlderThan")
        {
            throw Failure.Of(422, "Invalid", "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
        }

        IWatchFormat format = Accept.Parse(request.Accept) switch
        {
            Representation.Table => new TableFormat(new TableWriter(type, plane), request.Param("includeObject") ?? "Metadata"),
            Representation.Metadata or Representation.MetadataList => new MetadataFormat(),
            _ => new ObjectFormat(type),
        };
        var shelf = plane.Store.Shelf(type);
        var watch = new Watch(plane.Loop, filter, format, version);
        var timers = new List<IDisposable>();
        Keep(watch);
        watch.Ended += () =>
        {
            shelf.Unsubscribe(watch);
            timers.ForEach(t => t.Dispose());
        };

        if (initial || version == 0)
        {
            foreach (var stored in shelf.List(filter.Namespace))
            {
                watch.OfferExisting(stored);
            }

            if (initial && request.Flag("allowWatchBookmarks"))
            {
                watch.SendBookmark(plane.Store.Version, initialEventsEnd: true);
            }
        }
        else if (version < shelf.CompactedTo)
        {
            watch.SendError(Failure.Status(410, "Expired", $"too old resource version: {version} ({shelf.CompactedTo + 1})"));
            watch.End();
            return Answer(watch);
        }
        else
        {
            foreach (var change in shelf.Since(version))
            {
                watch.Offer(change);
            }
        }

        shelf.Subscribe(watch);
        LimitTime(watch, request, timers);
        return Answer(watch);
    }

    /// <summary>Counts something that goes on among what an outage ends or freezes.</summary>
    public void Keep(FrameQueue frames)
    {
        open.Add(frames);
        frames.Ended += () => open.Remove(frames);
    }

    public void EndAll()
    {
        foreach (var watch in open.ToArray())
        {
            watch.End();
        }
    }

    public void FreezeAll(bool on)
    {
        foreach (var watch in open.ToArray())
        {
            watch.Freeze(on);
        }
    }

    private static ApiResponse Answer(Watch watch) => new() { Frames = watch };

    private void LimitTime(Watch watch, ApiRequest request, List<IDisposable> timers)
    {
        // Without a limit of the client's own, the server picks one between 30 and 60 minutes.
        var limit = int.TryParse(request.Param("timeoutSeconds"), out var seconds) && seconds > 0
            ? TimeSpan.FromSeconds(seconds)
            : plane.Seed.Between(TimeSpan.FromMinutes(30), TimeSpan.FromMinutes(60));
        timers.Add(plane.Loop.After(limit, watch.End));
        if (request.Flag("allowWatchBookmarks"))
        {
            if (limit > TimeSpan.FromSeconds(4))
            {
                timers.Add(plane.Loop.After(limit - TimeSpan.FromSeconds(2), Mark));
            }

            Repeat();
        }

        void Mark() => watch.SendBookmark(plane.Store.Version, initialEventsEnd: false);

        void Repeat() => timers.Add(plane.Loop.After(BookmarkPeriod, () =>
        {
            timers.RemoveAt(timers.Count - 1);
            Mark();
            Repeat();
        }));
    }
}
