namespace ChaosDrill.Views;

/// <summary>What a piece of text is about; colours follow from it, never the other way round.</summary>
internal enum Tone
{
    /// <summary>Nothing special.</summary>
    Plain,

    /// <summary>Less important.</summary>
    Faint,

    /// <summary>A heading, or a name.</summary>
    Strong,

    /// <summary>Well.</summary>
    Good,

    /// <summary>Not well.</summary>
    Bad,

    /// <summary>Not known, or deliberate harm.</summary>
    Warning,
}
