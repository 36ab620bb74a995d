namespace ChaosDrill.Reports.Postmortems;

/// <summary>Drawings that lie beside a document, because GitHub draws none inside of it.</summary>
/// <param name="files">Where they are put, by file name; null when the document has none.</param>
internal sealed class Pictures(IDictionary<string, string>? files)
{
    /// <summary>Adds a drawing.</summary>
    /// <returns>The file's name; null when the document has no drawings or there is nothing to draw.</returns>
    public string? Add(string name, Func<string?> draw)
    {
        if (files is null || draw() is not { Length: > 0 } drawing)
        {
            return null;
        }

        files[name] = drawing + "\n";
        return name;
    }
}
