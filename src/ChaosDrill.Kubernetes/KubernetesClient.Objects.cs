using System.Text.Json;
using System.Text.Json.Nodes;

namespace ChaosDrill.Kubernetes;

public sealed partial class KubernetesClient
{
    private const string DefaultFieldManager = "chaosdrill";

    /// <summary>Reads one object.</summary>
    /// <param name="resource">Its kind.</param>
    /// <param name="ns">Its namespace; ignored for kinds without.</param>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="ApiException">It does not exist, or may not be read.</exception>
    public async Task<T> GetAsync<T>(Resource<T> resource, string? ns, string name, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(resource);
        var request = new ApiRequest(HttpMethod.Get, ApiPath.Object(resource, ns, name));
        return AnswerReader.Object(await AskAsync(request, cancellationToken), request, resource.TypeInfo);
    }

    /// <summary>Reads one object if it exists.</summary>
    /// <param name="resource">Its kind.</param>
    /// <param name="ns">Its namespace; ignored for kinds without.</param>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The object, or null (for JSON: an undefined element) when the server says that there is none.</returns>
    /// <exception cref="ApiException">It may not be read, or the whole kind is unknown to the server.</exception>
    public async Task<T?> FindAsync<T>(Resource<T> resource, string? ns, string name, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(resource);
        var request = new ApiRequest(HttpMethod.Get, ApiPath.Object(resource, ns, name));
        var answer = await transport.SendAsync(request, cancellationToken);

        // A 404 without a Status means that the API itself is missing, which proves nothing about the object.
        return answer.Code == 404 && AnswerReader.ParseStatus(answer) is { Reason: "NotFound" }
            ? default
            : AnswerReader.Object(AnswerReader.Succeeded(answer, request), request, resource.TypeInfo);
    }

    /// <summary>Lists objects, all pages.</summary>
    /// <param name="resource">Their kind.</param>
    /// <param name="ns">Their namespace; null for all.</param>
    /// <param name="options">Which ones; null for all.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<ObjectList<T>> ListAsync<T>(Resource<T> resource, string? ns, ListOptions? options = null, CancellationToken cancellationToken = default) =>
        (await ListStampedAsync(resource, ns, options ?? new(), cancellationToken)).List;

    /// <summary>Creates an object.</summary>
    /// <param name="resource">Its kind.</param>
    /// <param name="ns">Its namespace; ignored for kinds without.</param>
    /// <param name="item">The object.</param>
    /// <param name="options">How; null for the usual.</param>
    /// <param name="cancellationToken">Stops waiting; the object may have been created nevertheless.</param>
    /// <returns>The object as the server keeps it.</returns>
    public async Task<T> CreateAsync<T>(Resource<T> resource, string? ns, T item, WriteOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(resource);
        var request = new ApiRequest(HttpMethod.Post, ApiPath.Collection(resource, ApiPath.Required(resource, ns)))
        {
            Query = new ApiQuery().DryRun(options?.DryRun ?? false).Add("fieldManager", options?.FieldManager).ToString(),
            Body = JsonSerializer.SerializeToUtf8Bytes(item, resource.TypeInfo),
        };
        return AnswerReader.Object(await AskAsync(request, cancellationToken), request, resource.TypeInfo);
    }

    /// <summary>Replaces a whole object: what the new one does not have is dropped.</summary>
    /// <param name="resource">Its kind.</param>
    /// <param name="ns">Its namespace; ignored for kinds without.</param>
    /// <param name="item">The whole object; with a resourceVersion the server refuses (409) if it was changed meanwhile.</param>
    /// <param name="options">How; null for the usual.</param>
    /// <param name="cancellationToken">Stops waiting; the object may have been replaced nevertheless.</param>
    /// <remarks>For <see cref="JsonElement"/> and for kinds known whole (leases, config maps) only: see <see cref="IKubernetesObject"/>.</remarks>
    public Task<T> ReplaceAsync<T>(Resource<T> resource, string? ns, T item, WriteOptions? options = null, CancellationToken cancellationToken = default) =>
        PutAsync(resource, ns, item, null, options, cancellationToken);

    /// <summary>Replaces the status of an object and nothing else.</summary>
    /// <param name="resource">Its kind.</param>
    /// <param name="ns">Its namespace; ignored for kinds without.</param>
    /// <param name="item">The object with the new status.</param>
    /// <param name="options">How; null for the usual.</param>
    /// <param name="cancellationToken">Stops waiting; the status may have been replaced nevertheless.</param>
    public Task<T> ReplaceStatusAsync<T>(Resource<T> resource, string? ns, T item, WriteOptions? options = null, CancellationToken cancellationToken = default) =>
        PutAsync(resource, ns, item, "status", options, cancellationToken);

    /// <summary>Changes an object.</summary>
    /// <param name="resource">Its kind.</param>
    /// <param name="ns">Its namespace; ignored for kinds without.</param>
    /// <param name="name">Its name.</param>
    /// <param name="patch">The change.</param>
    /// <param name="options">How; null for the usual.</param>
    /// <param name="cancellationToken">Stops waiting; the object may have been changed nevertheless.</param>
    /// <returns>The object as changed.</returns>
    public Task<T> PatchAsync<T>(
        Resource<T> resource, string? ns, string name, Patch patch, PatchOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return PatchAsync(resource, ns, name, null, patch, resource.TypeInfo, options, cancellationToken);
    }

    /// <summary>Changes the status of an object and nothing else.</summary>
    /// <param name="resource">Its kind.</param>
    /// <param name="ns">Its namespace; ignored for kinds without.</param>
    /// <param name="name">Its name.</param>
    /// <param name="patch">The change.</param>
    /// <param name="options">How; null for the usual.</param>
    /// <param name="cancellationToken">Stops waiting; the status may have been changed nevertheless.</param>
    public Task<T> PatchStatusAsync<T>(
        Resource<T> resource, string? ns, string name, Patch patch, PatchOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return PatchAsync(resource, ns, name, "status", patch, resource.TypeInfo, options, cancellationToken);
    }

    /// <summary>Reads the size of a workload.</summary>
    /// <param name="resource">A kind with a scale.</param>
    /// <param name="ns">Its namespace.</param>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<Scale> GetScaleAsync<T>(Resource<T> resource, string? ns, string name, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(resource);
        var request = new ApiRequest(HttpMethod.Get, ApiPath.Object(resource, ns, name, "scale"));
        return AnswerReader.Object(await AskAsync(request, cancellationToken), request, KubernetesJson.Default.Scale);
    }

    /// <summary>Sets the size of a workload.</summary>
    /// <param name="resource">A kind with a scale.</param>
    /// <param name="ns">Its namespace.</param>
    /// <param name="name">Its name.</param>
    /// <param name="replicas">How many pods it should have.</param>
    /// <param name="options">How; null for the usual.</param>
    /// <param name="cancellationToken">Stops waiting; the size may have been set nevertheless.</param>
    public Task<Scale> SetScaleAsync<T>(
        Resource<T> resource, string? ns, string name, int replicas, PatchOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(resource);
        ArgumentOutOfRangeException.ThrowIfNegative(replicas);
        var patch = Patch.Merge(new JsonObject { ["spec"] = new JsonObject { ["replicas"] = replicas } });
        return PatchAsync(resource, ns, name, "scale", patch, KubernetesJson.Default.Scale, options, cancellationToken);
    }

    /// <summary>Asks for the deletion of an object; with a grace period it may go on existing for a while.</summary>
    /// <param name="resource">Its kind.</param>
    /// <param name="ns">Its namespace; ignored for kinds without.</param>
    /// <param name="name">Its name.</param>
    /// <param name="options">How; null for the usual.</param>
    /// <param name="cancellationToken">Stops waiting; the object may have been deleted nevertheless.</param>
    /// <exception cref="ApiException">It does not exist (404), a precondition failed (409), or the right is missing (403).</exception>
    public async Task DeleteAsync<T>(Resource<T> resource, string? ns, string name, DeleteOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(resource);
        await AskAsync(Deletion(ApiPath.Object(resource, ns, name), "", options), cancellationToken);
    }

    /// <summary>Asks for the deletion of all objects that match.</summary>
    /// <param name="resource">Their kind.</param>
    /// <param name="ns">Their namespace; ignored for kinds without.</param>
    /// <param name="which">Which ones; without any selector all of the namespace.</param>
    /// <param name="options">How; null for the usual.</param>
    /// <param name="cancellationToken">Stops waiting; objects may have been deleted nevertheless.</param>
    public async Task DeleteAllAsync<T>(
        Resource<T> resource, string? ns, ListOptions which, DeleteOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(resource);
        ArgumentNullException.ThrowIfNull(which);
        var query = new ApiQuery().Add("labelSelector", which.LabelSelector).Add("fieldSelector", which.FieldSelector).ToString();
        await AskAsync(Deletion(ApiPath.Collection(resource, ApiPath.Required(resource, ns)), query, options), cancellationToken);
    }

    /// <summary>Lists, and says when the first page was read: a watch begins there.</summary>
    internal async Task<(ObjectList<T> List, long ReadAt)> ListStampedAsync<T>(
        Resource<T> resource, string? ns, ListOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(resource);
        var path = ApiPath.Collection(resource, ns);
        var limit = options.Limit;
        for (var attempt = 0; ; attempt++)
        {
            var items = new List<T>();
            string? version = null, next = null;
            var readAt = 0L;
            try
            {
                do
                {
                    var query = new ApiQuery().Add("labelSelector", options.LabelSelector).Add("fieldSelector", options.FieldSelector)
                        .Add("limit", limit > 0 ? limit : null).Add("continue", next);
                    var request = new ApiRequest(HttpMethod.Get, path) { Query = query.ToString() };
                    var answer = await AskAsync(request, cancellationToken);
                    var meta = AnswerReader.List(answer, request, resource.TypeInfo, items);
                    if (version is null)
                    {
                        // All pages show the state at the first one's version.
                        version = meta.ResourceVersion;
                        readAt = answer.ReadAt;
                    }

                    next = meta.Continue;
                }
                while (!string.IsNullOrEmpty(next));
                return (new ObjectList<T>(items, version), readAt);
            }
            catch (ApiException error) when (error.IsGone && next is not null && attempt < 2)
            {
                // The pages took longer than the server keeps history: again, and the second time in one piece.
                limit = attempt == 0 ? limit : 0;
            }
        }
    }

    /// <summary>The version the server is at now, seen through the smallest possible list of what may be listed.</summary>
    internal async Task<string?> CurrentVersionAsync<T>(Resource<T> resource, string? ns, ListOptions which, CancellationToken cancellationToken)
    {
        var query = new ApiQuery().Add("labelSelector", which.LabelSelector).Add("fieldSelector", which.FieldSelector).Add("limit", 1);
        var request = new ApiRequest(HttpMethod.Get, ApiPath.Collection(resource, ns)) { Query = query.ToString() };
        return AnswerReader.List(await AskAsync(request, cancellationToken), request, KubernetesJson.Default.JsonElement, []).ResourceVersion;
    }

    private static ApiRequest Deletion(string path, string query, DeleteOptions? options) => new(HttpMethod.Delete, path)
    {
        Query = query,

        // Without the cast a null array would become an empty body instead of none.
        Body = options is null ? null : (ReadOnlyMemory<byte>?)JsonSerializer.SerializeToUtf8Bytes(DeleteOptionsBody.From(options), KubernetesJson.Default.DeleteOptionsBody),
    };

    private async Task<T> PutAsync<T>(
        Resource<T> resource, string? ns, T item, string? subresource, WriteOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(resource);
        var name = resource.MetadataOf(item).Name ?? throw new ArgumentException("The object has no name.", nameof(item));
        var request = new ApiRequest(HttpMethod.Put, ApiPath.Object(resource, ns, name, subresource))
        {
            Query = new ApiQuery().DryRun(options?.DryRun ?? false).Add("fieldManager", options?.FieldManager).ToString(),
            Body = JsonSerializer.SerializeToUtf8Bytes(item, resource.TypeInfo),
        };
        return AnswerReader.Object(await AskAsync(request, cancellationToken), request, resource.TypeInfo);
    }

    private async Task<TResult> PatchAsync<T, TResult>(
        Resource<T> resource, string? ns, string name, string? subresource, Patch patch,
        System.Text.Json.Serialization.Metadata.JsonTypeInfo<TResult> typeInfo, PatchOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(patch);
        var applies = patch.Kind == PatchKind.Apply;
        if (options is { Force: true } && !applies)
        {
            throw new ArgumentException("Force is for server-side apply only.", nameof(options));
        }

        var manager = options?.FieldManager ?? (applies ? DefaultFieldManager : null);
        var request = new ApiRequest(HttpMethod.Patch, ApiPath.Object(resource, ns, name, subresource))
        {
            Query = new ApiQuery().DryRun(options?.DryRun ?? false).Add("fieldManager", manager).Add("force", options?.Force ?? false).ToString(),
            Body = patch.Body,
            MediaType = patch.MediaType,
        };
        return AnswerReader.Object(await AskAsync(request, cancellationToken), request, typeInfo);
    }
}
