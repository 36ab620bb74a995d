using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace ChaosDrill.Kubernetes.Tests.Fakes;

/// <summary>Config maps with versions, lists and watches, served in-process: the least an API server must be for the watch to be tried.</summary>
internal sealed class FakeCluster : HttpMessageHandler
{
    private readonly SortedDictionary<string, JsonObject> objects = new(StringComparer.Ordinal);
    private readonly List<(long Version, string Line)> history = [];
    private readonly List<HandStream> watches = [];
    private readonly Queue<Func<HttpResponseMessage?>> interceptions = new();
    private long version = 100;
    private long oldest = 100;
    private int uids;

    public int Lists { get; private set; }

    public List<long> WatchedFrom { get; } = [];

    public int OpenWatches => watches.Count(watch => !watch.IsClosed);

    /// <summary>How many bytes one read may give, to cut lines anywhere.</summary>
    public int Chunk { get; set; } = int.MaxValue;

    /// <summary>Whether a resumed watch repeats this many events from before the version asked for.</summary>
    public int Repeats { get; set; }

    public int PageSize { get; set; } = int.MaxValue;

    public Dictionary<string, (string Uid, string Version)> State => objects.ToDictionary(
        pair => pair.Key,
        pair => ((string)pair.Value["metadata"]!["uid"]!, (string)pair.Value["metadata"]!["resourceVersion"]!));

    public KubernetesClient Client(TimeProvider clock) => new(ScriptedServer.Address, this, clock);

    public void Put(string name)
    {
        version++;
        var isNew = !objects.TryGetValue(name, out var item);
        item ??= new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "ConfigMap",
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "shop", ["uid"] = $"uid-{++uids}" },
        };
        item["metadata"]!["resourceVersion"] = version.ToString(CultureInfo.InvariantCulture);
        item["data"] = new JsonObject { ["v"] = version.ToString(CultureInfo.InvariantCulture) };
        objects[name] = item;
        Publish(isNew ? "ADDED" : "MODIFIED", item);
    }

    public void Remove(string name)
    {
        if (objects.Remove(name, out var item))
        {
            version++;
            item["metadata"]!["resourceVersion"] = version.ToString(CultureInfo.InvariantCulture);
            Publish("DELETED", item);
        }
    }

    public void Bookmark() =>
        ForEach(watch => watch.Feed("""{"type":"BOOKMARK","object":{"kind":"ConfigMap","metadata":{"resourceVersion":"VERSION"}}}"""
            .Replace("VERSION", version.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal) + "\n"));

    public void Repeat(int last) => ForEach(watch => history.TakeLast(last).ToList().ForEach(change => watch.Feed(change.Line)));

    public void EndWatches() => Drop(watch => watch.End());

    public void CutWatches() => Drop(watch =>
    {
        watch.Feed("{\"type\":\"MODIFIED\",\"obj");
        watch.Break();
    });

    public void ExpireWatches() => Drop(watch =>
    {
        watch.Feed($$"""{"type":"ERROR","object":{{ScriptedServer.Status(410, "Expired", "too old resource version")}}}""" + "\n");
        watch.End();
    });

    public void Compact()
    {
        oldest = version;
        history.Clear();
    }

    /// <summary>Goes back in time, as a restored etcd does: old state, lower versions.</summary>
    public void Restore(long to, Action change)
    {
        version = to;
        objects.Clear();
        change();
        Compact();
    }

    /// <summary>The next request meets this instead; null lets it through.</summary>
    public void Intercept(Func<HttpResponseMessage?> instead) => interceptions.Enqueue(instead);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return Task.FromResult(interceptions.TryDequeue(out var instead) && instead() is { } other ? other : Answer(request));
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            return Task.FromException<HttpResponseMessage>(error);
        }
    }

    private HttpResponseMessage Answer(HttpRequestMessage request)
    {
        var query = request.RequestUri!.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(part => part.Split('=')).ToDictionary(part => part[0], part => Uri.UnescapeDataString(part[1]), StringComparer.Ordinal);
        return query.ContainsKey("watch") ? Watch(long.Parse(query["resourceVersion"], CultureInfo.InvariantCulture)) : List(query);
    }

    private HttpResponseMessage List(Dictionary<string, string> query)
    {
        Lists++;
        var limit = Math.Min(PageSize, int.Parse(query["limit"], CultureInfo.InvariantCulture));
        var skip = query.TryGetValue("continue", out var token) ? int.Parse(token, CultureInfo.InvariantCulture) : 0;
        var items = new JsonArray([.. objects.Values.Skip(skip).Take(limit).Select(item => item.DeepClone())]);
        var meta = new JsonObject { ["resourceVersion"] = version.ToString(CultureInfo.InvariantCulture) };
        if (skip + limit < objects.Count)
        {
            meta["continue"] = (skip + limit).ToString(CultureInfo.InvariantCulture);
        }

        var list = new JsonObject { ["kind"] = "ConfigMapList", ["apiVersion"] = "v1", ["metadata"] = meta, ["items"] = items };
        return ScriptedServer.Json(list.ToJsonString());
    }

    private HttpResponseMessage Watch(long from)
    {
        WatchedFrom.Add(from);
        if (from < oldest)
        {
            return ScriptedServer.Json(ScriptedServer.Status(410, "Expired", "too old resource version"), (int)HttpStatusCode.Gone);
        }

        var stream = new HandStream(Chunk);
        var missed = history.Where(change => change.Version > from).ToList();
        foreach (var (_, line) in history.Where(change => change.Version <= from).TakeLast(Repeats).Concat(missed))
        {
            stream.Feed(line);
        }

        watches.Add(stream);
        return ScriptedServer.Raw(stream);
    }

    private void Publish(string type, JsonObject item)
    {
        var line = new JsonObject { ["type"] = type, ["object"] = item.DeepClone() }.ToJsonString() + "\n";
        history.Add((version, line));
        ForEach(watch => watch.Feed(Encoding.UTF8.GetBytes(line)));
    }

    private void ForEach(Action<HandStream> action)
    {
        watches.RemoveAll(watch => watch.IsClosed);
        watches.ForEach(action);
    }

    private void Drop(Action<HandStream> how)
    {
        ForEach(how);
        watches.Clear();
    }
}
