using System.Text.Json;
using System.Text.Json.Nodes;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Plans;

namespace ChaosDrill.Actions.Undos;

/// <summary>
/// A config map in the drill's namespace that says what a drill has stopped outside of the cluster's objects, so that a sweep finds it
/// without any store. What it carries must not make anybody's machine run anything.
/// </summary>
/// <param name="Namespace">Where it is.</param>
/// <param name="Stopped">What was stopped, such as <c>kube-scheduler</c>.</param>
internal sealed record StopMark(string Namespace, string Stopped)
{
    private static readonly Resource<JsonElement> _kind = Resources.Any("", "v1", "configmaps", "ConfigMap", namespaced: true);

    private string Name => NameOf(Stopped);

    /// <summary>The rights that making and removing it takes.</summary>
    /// <param name="ns">Where it is to be.</param>
    /// <param name="stopped">What is stopped; null when that is chosen later.</param>
    public static IEnumerable<AccessNeed> Needs(string ns, string? stopped)
    {
        yield return new AccessNeed("create", "", "configmaps", ns, "mark in the cluster what is stopped");
        foreach (var verb in (string[])["get", "delete"])
        {
            yield return new AccessNeed(verb, "", "configmaps", ns, "remove that mark", stopped is null ? null : NameOf(stopped));
        }
    }

    /// <summary>Makes it.</summary>
    /// <param name="client">The cluster.</param>
    /// <param name="undo">The recorded way back.</param>
    /// <param name="payload">As much of it as others may know.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="ClusterException">It is there already.</exception>
    public async Task MakeAsync(KubernetesClient client, UndoRecord undo, JsonObject payload, CancellationToken cancellationToken)
    {
        var mark = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "ConfigMap",
            ["metadata"] = new JsonObject
            {
                ["name"] = Name,
                ["namespace"] = Namespace,
                ["annotations"] = new JsonObject { [UndoMark.Annotation] = UndoMark.Text([undo with { Payload = payload.ToJsonString() }]) },
            },
        };
        using var document = JsonDocument.Parse(mark.ToJsonString());
        try
        {
            await client.CreateAsync(_kind, Namespace, document.RootElement.Clone(), null, cancellationToken);
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            throw new ClusterException($"ConfigMap {Namespace}/{Name} says that a drill has stopped {Stopped} already; put that back first: chaosdrill sweep --context NAME --all", e);
        }
    }

    /// <summary>Removes it, if it is there and is of this way back.</summary>
    public async Task RemoveAsync(KubernetesClient client, UndoRecord undo, CancellationToken cancellationToken)
    {
        var mark = await client.FindAsync(_kind, Namespace, Name, cancellationToken);
        if (mark.ValueKind != JsonValueKind.Object || !UndoMark.Of(JsonObject.Create(mark)!).Any(u => UndoMark.IsSame(u, undo)))
        {
            return;
        }

        try
        {
            await client.DeleteAsync(_kind, Namespace, Name, null, cancellationToken);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // Somebody else tidied up.
        }
    }

    private static string NameOf(string stopped) => "chaosdrill-stopped-" + stopped;
}
