using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ChaosDrill.Twin.Api.Tables;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Api;

/// <summary>Lists: selected, paged, in the form that was asked for.</summary>
internal sealed class Listing(ControlPlane plane)
{
    /// <summary>Unfinished pagings that are remembered; the rest of an older one has expired.</summary>
    private const int MaxPagings = 64;

    private readonly OrderedDictionary<string, Paging> pagings = [];

    public List<StoredObject> Select(ResourceType type, WatchFilter filter)
    {
        if (filter.Namespace is not null && filter.Fields.Name is { } name)
        {
            return plane.Store.Find(type, filter.Namespace, name) is { } one && filter.Matches(one) ? [one] : [];
        }

        IEnumerable<StoredObject> candidates = type == BuiltInTypes.Pods && filter.Fields.NodeName is { } node
            ? plane.Store.PodsOn(node).OrderBy(p => p.Namespace, StringComparer.Ordinal).ThenBy(p => p.Name, StringComparer.Ordinal)
            : plane.Store.List(type, filter.Namespace);
        return [.. candidates.Where(filter.Matches)];
    }

    public ApiResponse List(ResourceType type, WatchFilter filter, ApiRequest request)
    {
        var (items, version, next, remaining) = Page(type, filter, request);
        var metadata = new JsonObject { ["resourceVersion"] = version.ToString(CultureInfo.InvariantCulture) };
        if (next is not null)
        {
            metadata["continue"] = next;
            if (filter.Labels.IsEverything && filter.Fields.IsEverything)
            {
                metadata["remainingItemCount"] = (long)remaining;
            }
        }

        switch (Accept.Parse(request.Accept))
        {
            case Representation.Table:
                var writer = new TableWriter(type, plane);
                var include = request.Param("includeObject") ?? "Metadata";
                return ApiResponse.Json(new JsonObject
                {
                    ["kind"] = "Table",
                    ["apiVersion"] = "meta.k8s.io/v1",
                    ["metadata"] = metadata,
                    ["columnDefinitions"] = writer.Columns(),
                    ["rows"] = new JsonArray([.. items.Select(i => writer.Row(i, include))]),
                });
            case Representation.Metadata or Representation.MetadataList:
                return ApiResponse.Json(new JsonObject
                {
                    ["kind"] = "PartialObjectMetadataList",
                    ["apiVersion"] = "meta.k8s.io/v1",
                    ["metadata"] = metadata,
                    ["items"] = new JsonArray([.. items.Select(ObjectFormat.PartialMetadata)]),
                });
            default:
                if (type.Custom)
                {
                    metadata.Default("continue", "");
                }

                return Whole(type, items, metadata);
        }
    }

    /// <summary>A list object around items that are serialised already.</summary>
    public static ApiResponse Whole(ResourceType type, List<StoredObject> items, JsonObject metadata)
    {
        var buffer = new ArrayBufferWriter<byte>(256 + items.Sum(i => i.ListBytes.Length + 1));
        buffer.Write(Encoding.UTF8.GetBytes($"{{\"kind\":\"{type.Kind}List\",\"apiVersion\":\"{type.ApiVersion}\",\"metadata\":"));
        buffer.Write(StoredObject.Serialize(metadata));
        buffer.Write(",\"items\":["u8);
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0)
            {
                buffer.Write(","u8);
            }

            buffer.Write(items[i].ListBytes);
        }

        buffer.Write("]}"u8);
        return new ApiResponse { Body = buffer.WrittenMemory };
    }

    /// <summary>All later pages come from the state of the first.</summary>
    private (List<StoredObject> Items, long Version, string? Next, int Remaining) Page(ResourceType type, WatchFilter filter, ApiRequest request)
    {
        List<StoredObject> all;
        long version;
        if (request.Param("continue") is { Length: > 0 } token)
        {
            CheckToken(token);
            if (!pagings.Remove(token, out var paging) || paging.Type != type || paging.Version < plane.Store.Shelf(type).CompactedTo)
            {
                throw Failure.Expired("The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.");
            }

            (all, version) = (paging.Rest, paging.Version);
        }
        else
        {
            (all, version) = (Select(type, filter), plane.Store.Version);
        }

        if (!int.TryParse(request.Param("limit"), out var limit) || limit <= 0 || all.Count <= limit)
        {
            return (all, version, null, 0);
        }

        var page = all[..limit];
        var rest = all[limit..];
        var last = page[^1];
        var start = type.Namespaced && filter.Namespace is null ? $"{last.Namespace}/{last.Name}\0" : $"/{last.Name}\0";
        var next = Convert.ToBase64String(Encoding.UTF8.GetBytes(new JsonObject { ["v"] = "meta.k8s.io/v1", ["rv"] = version, ["start"] = start }.ToJsonString()))
            .TrimEnd('=').Replace('+', '-').Replace('/', '_');
        pagings.Remove(next);
        pagings[next] = new(type, version, rest);
        if (pagings.Count > MaxPagings)
        {
            pagings.RemoveAt(0);
        }

        return (page, version, next, rest.Count);
    }

    private static void CheckToken(string token)
    {
        const string prefix = "invalid continue token: ";
        for (var at = 0; at < token.Length; at++)
        {
            if (!char.IsAsciiLetterOrDigit(token[at]) && token[at] is not ('-' or '_'))
            {
                throw Failure.BadRequest($"{prefix}continue key is not valid: illegal base64 data at input byte {at}");
            }
        }

        try
        {
            var padded = token.Replace('-', '+').Replace('_', '/') + new string('=', (4 - token.Length % 4) % 4);
            if (JsonNode.Parse(Convert.FromBase64String(padded)) is not JsonObject json || json.Str("v") != "meta.k8s.io/v1")
            {
                throw Failure.BadRequest($"{prefix}continue key is not valid: incorrect encoding");
            }
        }
        catch (FormatException)
        {
            throw Failure.BadRequest($"{prefix}continue key is not valid: illegal base64 data at input byte {token.Length / 4 * 4}");
        }
        catch (JsonException)
        {
            throw Failure.BadRequest($"{prefix}continue key is not valid: incorrect encoding");
        }
    }

    private sealed record Paging(ResourceType Type, long Version, List<StoredObject> Rest);
}
