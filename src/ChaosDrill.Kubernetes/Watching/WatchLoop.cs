using System.Globalization;
using System.Threading.Channels;

namespace ChaosDrill.Kubernetes;

/// <summary>Lists, follows, resumes and re-lists, and writes what it sees into a channel. Does nothing else, so that arrival times are true.</summary>
internal sealed class WatchLoop<T>
{
    private static readonly TimeSpan livedLongEnough = TimeSpan.FromSeconds(1);

    private readonly KubernetesClient client;
    private readonly ApiTransport transport;
    private readonly Resource<T> resource;
    private readonly string? ns;
    private readonly WatchOptions options;
    private readonly ListOptions which;
    private readonly TimeProvider clock;
    private readonly ChannelWriter<WatchEvent<T>> output;
    private readonly Random jitter;
    private readonly TimeSpan serverTimeout;
    private readonly WatchedObjects<T> objects = new();
    private readonly List<WatchEvent<T>> batch = [];

    private string? version;
    private long lastHeardAt;
    private WatchGap? gap;
    private bool mustList;
    private int failures;

    public WatchLoop(
        KubernetesClient client, ApiTransport transport, Resource<T> resource, string? ns, WatchOptions options, int seed, ChannelWriter<WatchEvent<T>> output)
    {
        this.client = client;
        this.transport = transport;
        this.resource = resource;
        this.ns = ns;
        this.options = options;
        this.output = output;
        clock = client.Clock;
        which = new ListOptions { LabelSelector = options.LabelSelector, FieldSelector = options.FieldSelector };
        jitter = new Random(seed);
        serverTimeout = options.ServerTimeout * (1 + jitter.NextDouble() / 5);
    }

    /// <summary>Runs until cancelled or until the server says no; the channel is completed in either case.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await ListAsync(cancellationToken);
            await output.WriteAsync(new WatchEvent<T>(WatchEventType.Synced, default, version, lastHeardAt), cancellationToken);
            while (true)
            {
                await FollowOnceAsync(cancellationToken);
            }
        }
        catch (Exception error)
        {
            // Whatever it was belongs to the consumer, who reads it behind the last event.
            await TryFlushAsync(cancellationToken);
            output.TryComplete(error);
        }
    }

    private async Task FollowOnceAsync(CancellationToken cancellationToken)
    {
        var startedAt = clock.GetTimestamp();
        var versionBefore = version;
        WatchEnd end;
        string reason;
        TimeSpan? wanted = null;
        try
        {
            if (mustList)
            {
                await ListAsync(cancellationToken);
                mustList = false;
                gap = gap! with { Relisted = true };
            }

            (end, reason) = await FollowAsync(cancellationToken);
        }
        catch (ApiUnreachableException error)
        {
            (end, reason) = (WatchEnd.Broken, error.Message);
        }
        catch (ApiException error) when (error.IsGone)
        {
            (end, reason) = (WatchEnd.Gone, error.Message);
        }
        catch (ApiException error) when (IsPassing(error))
        {
            (end, reason, wanted) = (WatchEnd.Broken, error.Message, error.RetryAfter);
        }

        if (end == WatchEnd.Punctual)
        {
            lastHeardAt = clock.GetTimestamp();
        }

        if (gap is null)
        {
            gap = new WatchGap(lastHeardAt, null, false, reason);
            await output.WriteAsync(new WatchEvent<T>(WatchEventType.Interrupted, default, version, clock.GetTimestamp(), gap), cancellationToken);
        }

        mustList |= end == WatchEnd.Gone;
        var worked = version != versionBefore || clock.GetElapsedTime(startedAt, lastHeardAt) >= livedLongEnough;
        failures = worked ? 0 : failures + 1;
        await WaitAsync(wanted, cancellationToken);
        if (end is WatchEnd.Broken or WatchEnd.Early && !mustList)
        {
            await CheckHistoryAsync(cancellationToken);
        }
    }

    private static bool IsPassing(ApiException error) => error.Code is 408 or 429 or >= 500;

    private async Task ListAsync(CancellationToken cancellationToken)
    {
        var (list, readAt) = await client.ListStampedAsync(resource, ns, which, cancellationToken);
        version = list.ResourceVersion;
        lastHeardAt = readAt;
        objects.TakeAll(list.Items, version, batch, readAt);
        await FlushAsync(cancellationToken);
    }

    private async Task<(WatchEnd End, string Reason)> FollowAsync(CancellationToken cancellationToken)
    {
        var idle = options.IdleTimeout ?? serverTimeout + TimeSpan.FromSeconds(30);
        var seconds = Math.Max(1, (long)serverTimeout.TotalSeconds);
        var request = new ApiRequest(HttpMethod.Get, ApiPath.Collection(resource, ns))
        {
            Query = new ApiQuery().Add("watch", true).Add("allowWatchBookmarks", true).Add("resourceVersion", version)
                .Add("timeoutSeconds", seconds).Add("labelSelector", options.LabelSelector).Add("fieldSelector", options.FieldSelector).ToString(),
        };
        using var opened = await transport.OpenAsync(request, cancellationToken);
        var openedAt = clock.GetTimestamp();
        if (gap is not null)
        {
            var closed = gap with { ResumedAt = openedAt };
            gap = null;
            await output.WriteAsync(new WatchEvent<T>(WatchEventType.Resumed, default, version, openedAt, closed), cancellationToken);
        }

        lastHeardAt = openedAt;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var silence = clock.CreateTimer(static stop => ((CancellationTokenSource)stop!).Cancel(), stop, idle, Timeout.InfiniteTimeSpan);
        var lines = new LineReader(opened.Stream, options.MaxEventSize);
        try
        {
            while (await lines.FillAsync(stop.Token))
            {
                // Stamped here, before anything is parsed.
                lastHeardAt = clock.GetTimestamp();
                if (!Take(lines, request, out var lost))
                {
                    await FlushAsync(cancellationToken);
                    return (WatchEnd.Gone, lost);
                }

                await FlushAsync(cancellationToken);
                silence.Change(idle, Timeout.InfiniteTimeSpan);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (WatchEnd.Broken, string.Create(CultureInfo.InvariantCulture, $"not a byte came for {idle.TotalSeconds:0.###} s"));
        }
        catch (Exception error) when (transport.Translate(error, cancellationToken) is { } translated)
        {
            return translated is ApiUnreachableException ? (WatchEnd.Broken, translated.Message) : throw translated;
        }

        // The rest of a line that was cut is dropped: the server sends that change again.
        var punctual = !lines.HasRest && clock.GetElapsedTime(openedAt).TotalSeconds >= Math.Max(seconds - 1, 0.5);
        return punctual ? (WatchEnd.Punctual, "the server ended the watch at its time-out") : (WatchEnd.Early, "the server ended the watch early");
    }

    /// <summary>Takes in all whole lines; false when the server lost its place.</summary>
    private bool Take(LineReader lines, ApiRequest request, out string lost)
    {
        lost = "";
        while (lines.TryTake(out var json))
        {
            if (json.TrimEnd((byte)'\r').IsEmpty)
            {
                continue;
            }

            var line = WatchLine.Parse(json, request);
            switch (line.Type)
            {
                case "BOOKMARK":
                    var bookmark = ObjectIdentity.Of(AnswerReader.Parse(line.Object, request, 200, KubernetesJson.Default.JsonElement)).Version;
                    Advance(bookmark);
                    break;
                case "ERROR":
                    var status = AnswerReader.Parse(line.Object, request, 200, KubernetesJson.Default.Status);
                    var error = new ApiException(status, request.Method.Method, request.Path);

                    // An error in the stream, unless it refuses for good, means that the place in the history is lost.
                    if (!error.IsGone && error.Code is >= 400 and < 500 and not (408 or 429))
                    {
                        throw error;
                    }

                    lost = error.Message;
                    return false;
                case "ADDED" or "MODIFIED" or "DELETED":
                    var item = AnswerReader.Parse(line.Object, request, 200, resource.TypeInfo);
                    objects.Take(line.Type, item, batch, lastHeardAt);
                    Advance(ObjectIdentity.Of(item).Version);
                    break;
            }
        }

        return lines.IsTooLong
            ? throw AnswerReader.Unreadable(request, 200, $"an event is longer than {options.MaxEventSize} bytes")
            : true;
    }

    /// <summary>Moves the place to resume from, never back: a repeated old event must not make the server repeat more.</summary>
    private void Advance(string seen)
    {
        if (seen.Length > 0 && ObjectIdentity.Compare(seen, version) is null or > 0)
        {
            version = seen;
        }
    }

    private async Task TryFlushAsync(CancellationToken cancellationToken)
    {
        try
        {
            await FlushAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Nobody waits for these events any more.
        }
    }

    private async Task FlushAsync(CancellationToken cancellationToken)
    {
        foreach (var item in batch)
        {
            if (!output.TryWrite(item))
            {
                await output.WriteAsync(item, cancellationToken);
            }
        }

        batch.Clear();
    }

    /// <summary>
    /// After a broken connection the server may have come back with an older history (a restored etcd). It would accept a
    /// watch from a version of its future and then say nothing, so its present version is compared first.
    /// </summary>
    private async Task CheckHistoryAsync(CancellationToken cancellationToken)
    {
        try
        {
            var now = await client.CurrentVersionAsync(resource, ns, which, cancellationToken);
            mustList = ObjectIdentity.Compare(now, version) < 0;
        }
        catch (ApiUnreachableException)
        {
            // Still away: the attempt to follow will say so, and the check comes again after it.
        }
        catch (ApiException error) when (IsPassing(error))
        {
            // As above.
        }
    }

    private async Task WaitAsync(TimeSpan? wanted, CancellationToken cancellationToken)
    {
        // The first attempt after a stream that worked comes at once.
        var backoff = failures <= 1 ? TimeSpan.Zero : options.InitialBackoff * Math.Pow(2, Math.Min(failures - 2, 30));
        backoff = backoff < options.MaxBackoff ? backoff : options.MaxBackoff;
        var delay = backoff * (0.5 + jitter.NextDouble() / 2);
        if (wanted > delay)
        {
            delay = wanted.Value;
        }

        if (delay > TimeSpan.Zero)
        {
            await Task.Delay(delay, clock, cancellationToken);
        }
    }
}
