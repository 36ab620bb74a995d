namespace ChaosDrill.Reports.Templates;

/// <summary>Writes values into a document so that no character of them means anything to its reader's program.</summary>
internal abstract class ValueEncoder
{
    /// <summary>Whether the document may have fences of code, in which <see cref="Markup.IsCode"/> stands as it is.</summary>
    public abstract bool HasFences { get; }

    /// <summary>A value as it stands in the document.</summary>
    public virtual string Encode(string text)
    {
        using var encoded = new StringWriter();
        Write(text, encoded);
        return encoded.ToString();
    }

    protected abstract void Write(string text, TextWriter target);
}
