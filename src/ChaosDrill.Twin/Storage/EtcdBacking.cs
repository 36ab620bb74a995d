using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;

namespace ChaosDrill.Twin.Storage;

/// <summary>
/// A real etcd that every write goes to before anyone hears of it, under the keys that Kubernetes uses. It is asked over
/// its JSON gateway (https://etcd.io/docs/v3.5/dev-guide/api_grpc_gateway), and the write waits for the answer.
/// </summary>
internal sealed class EtcdBacking : IDisposable
{
    private const string Root = "/registry/";
    private const int PageSize = 500;

    private static readonly Dictionary<string, string> Names = new() { ["nodes"] = "minions", ["services"] = "services/specs", ["endpoints"] = "services/endpoints" };

    private readonly List<EtcdGateway> members;
    private readonly Dictionary<(string ApiVersion, string Kind), ResourceType> types = [];

    public EtcdBacking(IReadOnlyList<string> endpoints) => members = [.. endpoints.Select(e => new EtcdGateway(new Uri(e)))];

    /// <summary>Writes an object; it is in etcd when this returns.</summary>
    /// <exception cref="EtcdLostException">No member took it.</exception>
    public void Put(ResourceType type, JsonObject json)
    {
        types[(type.ApiVersion, type.Kind)] = type;
        Ask("kv/put", new JsonObject { ["key"] = Encoded(KeyOf(type, json)), ["value"] = Encoded(json.ToJsonString()) });
    }

    /// <summary>Deletes an object.</summary>
    /// <exception cref="EtcdLostException">No member did.</exception>
    public void Delete(ResourceType type, JsonObject json) => Ask("kv/deleterange", new JsonObject { ["key"] = Encoded(KeyOf(type, json)) });

    /// <summary>Everything that etcd holds now.</summary>
    /// <exception cref="EtcdLostException">No member answers.</exception>
    public List<(ResourceType Type, JsonObject Json)> ReadAll()
    {
        var found = new List<(ResourceType, JsonObject)>();
        var from = Encoding.UTF8.GetBytes(Root);
        while (true)
        {
            var page = Ask("kv/range", new JsonObject
            {
                ["key"] = Convert.ToBase64String(from),
                ["range_end"] = Encoded("/registry0"),
                ["limit"] = PageSize.ToString(CultureInfo.InvariantCulture),
            });
            var keys = page["kvs"] as JsonArray ?? [];
            foreach (var key in keys.OfType<JsonObject>())
            {
                var json = (JsonObject)JsonNode.Parse(Convert.FromBase64String((string)key["value"]!))!;
                if (types.TryGetValue((json.Str("apiVersion") ?? "", json.Str("kind") ?? ""), out var type))
                {
                    found.Add((type, json));
                }
            }

            if ((bool?)page["more"] != true)
            {
                return found;
            }

            from = [.. Convert.FromBase64String((string)keys[^1]!["key"]!), 0];
        }
    }

    public void Dispose() => members.ForEach(m => m.Dispose());

    private static string KeyOf(ResourceType type, JsonObject json)
    {
        var metadata = json.Obj("metadata")!;
        var resource = type.Custom ? $"{type.Group}/{type.Plural}" : Names.GetValueOrDefault(type.Plural, type.Plural);
        return $"{Root}{resource}/{(metadata.Str("namespace") is { Length: > 0 } ns ? ns + "/" : "")}{metadata.Str("name")}";
    }

    private static string Encoded(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    /// <summary>Asks one member after the other until one answers; the one that did is asked first the next time.</summary>
    private JsonObject Ask(string method, JsonObject question)
    {
        Exception? last = null;
        var body = Encoding.UTF8.GetBytes(question.ToJsonString());
        for (var i = 0; i < members.Count; i++)
        {
            var member = members[0];
            try
            {
                return JsonNode.Parse(member.Post("/v3/" + method, body)) as JsonObject ?? throw new IOException($"{member.Endpoint} answered nothing");
            }
            catch (Exception e) when (e is IOException or FormatException or System.Text.Json.JsonException)
            {
                last = e;
                members.RemoveAt(0);
                members.Add(member);
            }
        }

        throw new EtcdLostException(last);
    }
}

/// <summary>The twin's etcd does not answer; nothing was written.</summary>
internal sealed class EtcdLostException(Exception? inner) : InvalidOperationException("etcdserver: request timed out", inner);
