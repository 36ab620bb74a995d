using System.Text;
using System.Text.RegularExpressions;
using HandlebarsDotNet;

namespace ChaosDrill.Reports.Templates;

/// <summary>Fills templates with models made of dictionaries, lists, texts, numbers and truth values, and of nothing else.</summary>
/// <remarks>
/// A template can reach every public property of what it is given, so it is given no object that has any. Size, nesting,
/// turns and output are limited, because compiling and looping are not.
/// </remarks>
internal static partial class TemplateEngine
{
    private const int LongestDocument = 20_000_000;

    /// <summary>Fills one template.</summary>
    /// <exception cref="TemplateException">The template, or one of its partials, is wrong.</exception>
    public static string Render(TemplateFolder folder, string name, ValueEncoder encoder, IReadOnlyDictionary<string, object?> model) =>
        Write(folder, name, encoder, model).ToString();

    /// <summary>Fills one template.</summary>
    /// <exception cref="TemplateException">The template, or one of its partials, is wrong.</exception>
    public static StringBuilder Write(TemplateFolder folder, string name, ValueEncoder encoder, IReadOnlyDictionary<string, object?> model)
    {
        var file = folder.Find(name);
        var fill = folder.Compiled(name, () => CompileAll(folder, name));
        using var document = new LimitedWriter(LongestDocument);
        try
        {
            fill(document, new Filling(encoder).Of(model)!, null);
        }
        catch (Exception failure) when (Cause(failure) is LimitedWriter.OutputTooLongException)
        {
            throw new TemplateException(
                $"{file}: the document would be longer than {LongestDocument:N0} characters. Look for a loop within a loop.", file, inner: failure);
        }
        catch (Exception failure) when (Cause(failure) is Filling.TooManyTurnsException)
        {
            throw new TemplateException($"{file}: the template goes through its lists without end. Look for a loop within a loop.", file, inner: failure);
        }
        catch (HandlebarsException failure)
        {
            throw Explain(file, failure);
        }

        return document.Text;
    }

    private static HandlebarsTemplate<TextWriter, object, object> CompileAll(TemplateFolder folder, string name)
    {
        // What is filled in is encoded already, and differently for pages and Markdown.
        var engine = Handlebars.Create(new HandlebarsConfiguration { NoEscape = true, FormatterProviders = { new MarkupStream.Formatter() } });
        var partials = folder.FindPartials();
        foreach (var (partial, path) in partials)
        {
            engine.RegisterTemplate(partial, Compile(engine, path, [.. partials.Keys]));
        }

        var fill = Compile(engine, folder.Find(name), [.. partials.Keys]);
        TemplateBlocks.CheckCalls(folder, name);
        return fill;
    }

    private static Exception Cause(Exception failure)
    {
        while (failure is HandlebarsException && failure.InnerException is { } inner)
        {
            failure = inner;
        }

        return failure;
    }

    private static HandlebarsTemplate<TextWriter, object, object> Compile(IHandlebars engine, string file, IReadOnlyCollection<string> partials)
    {
        var text = TemplateFolder.Read(file);
        TemplateBlocks.Check(file, text, partials);
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

    private static TemplateException Explain(string file, HandlebarsException failure)
    {
        // Handlebars.Net knows the place but has it in its text only: "... Occured at:\n12:3"
        var place = Place().Match(failure.Message);
        var what = FirstLine(failure.Message);
        if (!place.Success)
        {
            return new TemplateException($"{file}: {what}", file, inner: failure);
        }

        // It counts lines from 0.
        var (line, column) = (int.Parse(place.Groups[1].ValueSpan) + 1, int.Parse(place.Groups[2].ValueSpan));
        return new TemplateException($"{file}:{line}:{column}: {what}", file, line, column, failure);
    }

    private static string FirstLine(string text)
    {
        var end = text.AsSpan().IndexOfAny('\r', '\n');
        return end < 0 ? text : text[..end];
    }

    [GeneratedRegex(@"Occured at:\s*(\d+):(\d+)", RegexOptions.CultureInvariant)]
    private static partial Regex Place();
}
