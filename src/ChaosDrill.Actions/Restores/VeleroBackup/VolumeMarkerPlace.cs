using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Restores.VeleroBackup;

/// <summary>Where a marker file is planted in a volume. The container needs the programs <c>dd</c>, <c>sha256sum</c> and <c>rm</c>.</summary>
public sealed record VolumeMarkerPlace
{
    /// <summary>Labels of the pods that mount the volume, as kubectl takes them.</summary>
    public required string Selector { get; init; }

    /// <summary>The container; needed where a pod has several.</summary>
    public string? Container { get; init; }

    /// <summary>A folder on the volume that may be written to.</summary>
    public required string Folder { get; init; }

    internal IEnumerable<OptionProblem> Check(string field)
    {
        if (!Folder.StartsWith('/'))
        {
            yield return new OptionProblem($"{field}.folder", "a folder is named by its whole path", "write folder: /" + Folder);
        }
    }
}
