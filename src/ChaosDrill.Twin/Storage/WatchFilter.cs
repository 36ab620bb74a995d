using ChaosDrill.Twin.Api;

namespace ChaosDrill.Twin.Storage;

/// <summary>Which objects a list or a watch is about.</summary>
internal sealed record WatchFilter(string? Namespace, LabelSelector Labels, FieldSelector Fields)
{
    public bool Matches(StoredObject stored) =>
        (Namespace is null || stored.Namespace == Namespace) && Labels.Matches(stored.Labels) && Fields.Matches(stored);
}
