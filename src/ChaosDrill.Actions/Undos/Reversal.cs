using System.Text.Json.Nodes;
using ChaosDrill.Kubernetes;

namespace ChaosDrill.Actions.Undos;

/// <summary>Whose hand an object shows.</summary>
internal enum Standing
{
    /// <summary>As it was before the drill.</summary>
    Original,

    /// <summary>As the drill set it.</summary>
    Drill,

    /// <summary>As somebody else set it meanwhile.</summary>
    Other,
}

/// <summary>A change to one object and its reverse. Pure functions of the object as it was read.</summary>
internal abstract class Reversal
{
    /// <summary>The object that is changed.</summary>
    public abstract Place Place { get; }

    /// <summary>Whose hand the object shows.</summary>
    public abstract Standing Of(JsonObject found);

    /// <summary>The operations that make the change to an original object, after those that mark it.</summary>
    public abstract IEnumerable<JsonPatchOperation> Forth(JsonObject found);

    /// <summary>The operations that take the change back.</summary>
    public abstract IEnumerable<JsonPatchOperation> Back(JsonObject found);

    /// <summary>What of the object concerns the change, for messages.</summary>
    public abstract string Shown(JsonObject found);

    /// <summary>All that is needed to take the change back, as JSON.</summary>
    public abstract JsonObject ToJson();

    /// <summary>Looks after what the change left on other objects; called whenever the way back is gone.</summary>
    public virtual Task TidyAsync(KubernetesClient client, Engine.Ports.UndoRecord undo, CancellationToken cancellationToken) => Task.CompletedTask;
}
