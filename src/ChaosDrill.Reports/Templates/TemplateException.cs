namespace ChaosDrill.Reports.Templates;

/// <summary>A template that cannot be used.</summary>
/// <param name="message">What is wrong and how to mend it; begins with file, line and column as far as they are known.</param>
/// <param name="file">The template's file.</param>
/// <param name="line">Line, from 1; null when it is not known.</param>
/// <param name="column">Column, from 1; null when it is not known.</param>
/// <param name="inner">The cause.</param>
public sealed class TemplateException(string message, string file, int? line = null, int? column = null, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>The template's file.</summary>
    public string File => file;

    /// <summary>Line, from 1; null when it is not known.</summary>
    public int? Line => line;

    /// <summary>Column, from 1; null when it is not known.</summary>
    public int? Column => column;
}
