namespace ChaosDrill.Reports.Templates;

/// <summary>
/// Looks over a template before it is compiled: blocks must match, partials and helpers must exist, and there must not be so
/// much of it that compiling or filling it takes for ever.
/// </summary>
/// <remarks>The compiler says neither where a block was left open nor that it was, and 20,000 nested blocks keep it busy for half a minute.</remarks>
internal static class TemplateBlocks
{
    private const int DeepestNesting = 50;

    private const int MostExpressions = 5_000;

    private static readonly string[] Blocks = ["if", "unless", "each", "with"];

    /// <summary>Checks a template.</summary>
    /// <param name="file">Its file.</param>
    /// <param name="text">Its text.</param>
    /// <param name="partials">Names of the partials that there are.</param>
    /// <exception cref="TemplateException">Gives line and column of the first mistake.</exception>
    public static void Check(string file, string text, IReadOnlyCollection<string> partials)
    {
        Stack<TemplateTag> open = new();
        var count = 0;
        TemplateException? strange = null;
        foreach (var tag in TemplateTag.Of(text))
        {
            if (++count > MostExpressions)
            {
                throw TemplateTag.Fault(file, text, tag.At, $"the template has more than {MostExpressions:N0} expressions. Move parts of it to partials/.");
            }

            switch (tag.Sign)
            {
                case "#":
                case "^" when tag.Name.Length > 0:
                    strange ??= StrangeBlock(file, text, tag);
                    open.Push(tag);
                    if (open.Count > DeepestNesting)
                    {
                        throw TemplateTag.Fault(file, text, tag.At, $"blocks are nested more than {DeepestNesting} deep. Move the inner ones to partials/.");
                    }

                    break;
                case "/":
                    Close(open, tag, file, text);
                    break;
                case ">":
                    RequirePartial(file, text, tag, partials);
                    break;
                case "" or "^" or "{":
                    RequireValue(file, text, tag);
                    break;
                default:
                    throw TemplateTag.Fault(file, text, tag.At, $"{{{{{tag.Sign}}} is not part of this language. Partials are files under partials/, called with {{{{> name}}}}.");
            }
        }

        if (open.TryPeek(out var left))
        {
            throw TemplateTag.Fault(file, text, left.At, $"{{{{#{left.Name}}}}} is never closed; add {{{{/{left.Name}}}}}.");
        }

        if (strange is not null)
        {
            throw strange;
        }
    }

    /// <summary>Refuses partials that call themselves, through whichever others, and so many calls that filling takes for ever.</summary>
    /// <param name="folder">Where partials come from.</param>
    /// <param name="name">The template.</param>
    /// <exception cref="TemplateException">Gives line and column of the call.</exception>
    public static void CheckCalls(TemplateFolder folder, string name)
    {
        const int Most = 10_000;
        var files = folder.FindPartials();
        Dictionary<string, int> calls = new(StringComparer.Ordinal);
        List<string> under = [];
        int Count(string file)
        {
            if (calls.TryGetValue(file, out var known))
            {
                return known;
            }

            under.Add(file);
            var text = TemplateFolder.Read(file);
            var sum = 1;
            foreach (var tag in TemplateTag.Of(text).Where(t => t.Sign == ">"))
            {
                if (files.TryGetValue(tag.Name, out var partial))
                {
                    sum += under.Contains(partial)
                        ? throw TemplateTag.Fault(file, text, tag.At, $"the partial \"{tag.Name}\" calls itself; it would never end.")
                        : Count(partial);
                    if (sum > Most)
                    {
                        throw TemplateTag.Fault(file, text, tag.At, $"partials call partials more than {Most:N0} times.");
                    }
                }
            }

            under.RemoveAt(under.Count - 1);
            return calls[file] = sum;
        }

        Count(folder.Find(name));
    }

    private static TemplateException? StrangeBlock(string file, string text, TemplateTag tag) =>
        tag.Sign != "#" ? null
        : !Blocks.Contains(tag.Name) ? TemplateTag.Fault(file, text, tag.At, $"there is no block {{{{#{tag.Name}}}}}{DidYouMean(tag.Name, Blocks)}")
        : tag.Words.Count != 2 && !tag.Words.Any(w => w.Text == "(") ? TemplateTag.Fault(file, text, tag.At, $"{{{{#{tag.Name}}}}} takes one value, as in {{{{#{tag.Name} head.isPass}}}}.")
        : null;

    private static void RequirePartial(string file, string text, TemplateTag tag, IReadOnlyCollection<string> partials)
    {
        if (!partials.Contains(tag.Name))
        {
            throw TemplateTag.Fault(
                file, text, tag.Words.Count > 0 ? tag.Words[0].At : tag.At, $"there is no partial \"{tag.Name}\", which would be partials/{tag.Name}.hbs{DidYouMean(tag.Name, partials)}");
        }
    }

    private static void RequireValue(string file, string text, TemplateTag tag)
    {
        if (tag.Words.Count > 1 && tag.Name is not ("else" or "lookup") && tag.Words[1].Text != "(")
        {
            throw TemplateTag.Fault(file, text, tag.Words[0].At, $"there is no helper \"{tag.Name}\"; the language has if, unless, each, with and lookup.");
        }
    }

    private static void Close(Stack<TemplateTag> open, TemplateTag tag, string file, string text)
    {
        if (!open.TryPop(out var begin))
        {
            throw TemplateTag.Fault(file, text, tag.At, $"{{{{/{tag.Name}}}}} closes nothing that is open.");
        }

        if (begin.Name != tag.Name)
        {
            throw TemplateTag.Fault(
                file, text, tag.At,
                $"{{{{/{tag.Name}}}}} closes nothing that is open; {{{{#{begin.Name}}}}} of line {TemplateTag.Place(text, begin.At).Line} is.");
        }
    }

    /// <summary>A question to end a message with, or the names that there are.</summary>
    internal static string DidYouMean(string name, IReadOnlyCollection<string> known) =>
        Model.NearestName.Of(name, known) is { } near ? $"; did you mean \"{near}\"?" : $"; there are {string.Join(", ", known.Order(StringComparer.Ordinal))}.";
}
