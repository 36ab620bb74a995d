using System.Text.RegularExpressions;
using HandlebarsDotNet;

namespace ChaosDrill.Reports.Templates;

/// <summary>Fills templates with models made of dictionaries, lists, texts, numbers and truth values, and of nothing else.</summary>
/// <remarks>
/// A template can reach every public property of what it is given, so it is given no object that has any. Size, nesting
/// and output are limited, because compiling and looping are not.
/// </remarks>
internal static partial class TemplateEngine
{
    private const int LargestTemplate = 256 * 1024;

    private const int LongestDocument = 20_000_000;

    /// <summary>Fills one template.</summary>
    /// <exception cref="TemplateException">The template, or one of its partials, is wrong.</exception>
    public static string Render(TemplateFolder folder, string name, ITextEncoder encoder, IReadOnlyDictionary<string, object?> model)
    {
        var engine = Handlebars.Create(new HandlebarsConfiguration { TextEncoder = encoder });
        foreach (var (partial, path) in folder.FindPartials())
        {
            engine.RegisterTemplate(partial, Compile(engine, path));
        }

        var file = folder.Find(name);
        var fill = Compile(engine, file);
        using var document = new LimitedWriter(LongestDocument);
        try
        {
            fill(document, model, null);
        }
        catch (LimitedWriter.OutputTooLongException failure)
        {
            throw TooLong(file, failure);
        }
        catch (HandlebarsException failure) when (failure.InnerException is LimitedWriter.OutputTooLongException)
        {
            throw TooLong(file, failure);
        }
        catch (HandlebarsException failure)
        {
            throw Explain(file, failure);
        }

        return document.ToString();
    }

    private static HandlebarsTemplate<TextWriter, object, object> Compile(IHandlebars engine, string file)
    {
        var text = Read(file);
        TemplateBlocks.Check(file, text);
        try
        {
            using var reader = new StringReader(text);
            return engine.Compile(reader);
        }
        catch (HandlebarsException failure)
        {
            throw Explain(file, failure);
        }
        catch (Exception failure) when (failure is InvalidOperationException or ArgumentException or FormatException or IndexOutOfRangeException)
        {
            throw new TemplateException($"{file}: the template cannot be understood: {FirstLine(failure.Message)}", file, inner: failure);
        }
    }

    private static string Read(string file)
    {
        try
        {
            var length = new FileInfo(file).Length;
            return length <= LargestTemplate
                ? File.ReadAllText(file)
                : throw new TemplateException($"{file}: the template has {length:N0} bytes; at most {LargestTemplate:N0} are allowed. Move parts of it to partials/.", file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new TemplateException($"{file}: the template cannot be read: {failure.Message}", file, inner: failure);
        }
    }

    private static TemplateException Explain(string file, HandlebarsException failure)
    {
        // Handlebars.Net knows the place but has it in its text only: "... Occured at:\n12:3"
        var place = Place().Match(failure.Message);
        var what = FirstLine(failure.Message);
        if (!place.Success)
        {
            return new TemplateException($"{file}: {what}", file, inner: failure);
        }

        var (line, column) = (int.Parse(place.Groups[1].ValueSpan), int.Parse(place.Groups[2].ValueSpan));
        return new TemplateException($"{file}:{line}:{column}: {what}", file, line, column, failure);
    }

    private static TemplateException TooLong(string file, Exception failure) => new(
        $"{file}: the document would be longer than {LongestDocument:N0} characters. Look for a loop within a loop.", file, inner: failure);

    private static string FirstLine(string text)
    {
        var end = text.AsSpan().IndexOfAny('\r', '\n');
        return end < 0 ? text : text[..end];
    }

    [GeneratedRegex(@"Occured at:\s*(\d+):(\d+)", RegexOptions.CultureInvariant)]
    private static partial Regex Place();
}
