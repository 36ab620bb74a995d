namespace ChaosDrill.Reports.Templates;

/// <summary>A text of a model that ChaosDrill makes and that must reach the document as it is; every other text is encoded.</summary>
/// <param name="make">Makes the text when a document wants it.</param>
/// <param name="isCode">
/// Whether it is code for a fence of a Markdown document, and holds texts of the drill: in a page it is encoded like any other.
/// Otherwise it is a drawing, a table or a style sheet in which they are encoded already.
/// </param>
internal sealed class Markup(Func<string> make, bool isCode = false)
{
    /// <summary>A text that there is already.</summary>
    public Markup(string text, bool isCode = false)
        : this(() => text, isCode)
    {
    }

    /// <summary>The text.</summary>
    public string Text => field ??= make();

    /// <summary>Whether it is code for a fence.</summary>
    public bool IsCode => isCode;
}
