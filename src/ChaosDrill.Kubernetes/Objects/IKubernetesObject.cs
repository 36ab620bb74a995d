namespace ChaosDrill.Kubernetes;

/// <summary>An object as the API server keeps it.</summary>
/// <remarks>
/// The typed records of this room know only the members that are of use here and skip all others. Never send one back
/// to <see cref="KubernetesClient.ReplaceAsync{T}"/> unless the whole object is ours (a lease, a config map): every member
/// it does not know would be dropped. Patch, or replace a <see cref="System.Text.Json.JsonElement"/>.
/// </remarks>
public interface IKubernetesObject
{
    /// <summary>Name, uid, labels and the rest of the metadata; never null.</summary>
    ObjectMeta Metadata { get; }
}
