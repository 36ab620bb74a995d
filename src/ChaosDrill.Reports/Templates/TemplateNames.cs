namespace ChaosDrill.Reports.Templates;

/// <summary>Finds the names in a template and its partials that no model has: the engine would write nothing for them, and say nothing.</summary>
/// <param name="folder">Where partials come from.</param>
/// <param name="model">What there is to write.</param>
internal sealed class TemplateNames(TemplateFolder folder, TemplateModel model)
{
    private readonly IReadOnlyDictionary<string, string> _partials = folder.FindPartials();
    private readonly HashSet<(string File, TemplateModel? At)> _seen = [];
    private readonly Dictionary<string, TemplateException> _faults = new(StringComparer.Ordinal);

    /// <summary>The partials that were gone through.</summary>
    public IEnumerable<string> Used => _seen.Select(s => s.File).Distinct();

    /// <summary>Goes through a template.</summary>
    /// <returns>Each wrong name with line and column, in the order of the files.</returns>
    public IReadOnlyList<TemplateException> Check(string name)
    {
        Walk(folder.Find(name), [model]);
        return [.. _faults.Values];
    }

    // The innermost context is the last; null is one of which nothing is known.
    private void Walk(string file, List<TemplateModel?> outer)
    {
        if (!_seen.Add((file, outer[^1])))
        {
            return;
        }

        var text = TemplateFolder.Read(file);
        var contexts = outer.ToList();
        Stack<(string Name, bool Entered, TemplateModel? Inner)> blocks = new();
        foreach (var tag in TemplateTag.Of(text))
        {
            switch (tag.Sign)
            {
                case "#" when tag.Name is "each" or "with":
                    var inner = Find(file, text, tag.Words.ElementAtOrDefault(1), contexts);
                    inner = tag.Name == "each" ? inner?.Item : inner;
                    contexts.Add(inner);
                    blocks.Push((tag.Name, true, inner));
                    break;
                case "#" or "^" when tag.Name.Length > 0:
                    Find(file, text, tag.Words.ElementAtOrDefault(tag.Sign == "#" ? 1 : 0), contexts);
                    blocks.Push((tag.Name, false, null));
                    break;
                case "/" when blocks.TryPop(out var closed):
                    if (closed.Entered)
                    {
                        contexts.RemoveAt(contexts.Count - 1);
                    }

                    break;
                case "^" when tag.Name.Length == 0:
                    Else(blocks, contexts);
                    break;
                case "" when tag.Name == "else":
                    Else(blocks, contexts);
                    Find(file, text, tag.Words.ElementAtOrDefault(2), contexts);
                    break;
                case ">" when _partials.TryGetValue(tag.Name, out var partial):
                    var named = tag.Words.Skip(1).FirstOrDefault(w => !w.Text.Contains('=', StringComparison.Ordinal));
                    Walk(partial, named is null ? contexts : [.. contexts, Find(file, text, named, contexts)]);
                    break;
                case "" or "{":
                    Find(file, text, tag.Words.ElementAtOrDefault(tag.Name == "lookup" ? 1 : 0), contexts);
                    break;
            }
        }
    }

    // After {{else}} an {{#each}} is back where it came from.
    private static void Else(Stack<(string Name, bool Entered, TemplateModel? Inner)> blocks, List<TemplateModel?> contexts)
    {
        if (blocks.TryPop(out var block))
        {
            if (block.Entered)
            {
                contexts.RemoveAt(contexts.Count - 1);
            }

            blocks.Push(block with { Entered = false });
        }
    }

    /// <summary>What a path leads to; null when it is no path, or nothing is known of it. A wrong one is noted.</summary>
    private TemplateModel? Find(string file, string text, TagWord? word, List<TemplateModel?> contexts)
    {
        if (word is null || word.Text[0] is '"' or '\'' or '(' or ')' or '@' && !word.Text.StartsWith("@root", StringComparison.Ordinal)
            || char.IsAsciiDigit(word.Text[0]) || word.Text is "true" or "false" or "null")
        {
            return null;
        }

        var path = word.Text;
        var up = 0;
        for (; path.StartsWith("../", StringComparison.Ordinal); path = path[3..])
        {
            up++;
        }

        if (path.StartsWith("@root", StringComparison.Ordinal))
        {
            (up, path) = (contexts.Count - 1, path[5..].TrimStart('.', '/'));
        }

        if (up >= contexts.Count)
        {
            Note(file, text, word.At, $"\"{word.Text}\" goes up further than there are blocks around it.");
            return null;
        }

        var at = contexts[contexts.Count - 1 - up];
        foreach (var name in path.Split('.', '/').Where(p => p.Length > 0 && p != "this"))
        {
            var next = at?.Member(name);
            if (at is not null && next is null)
            {
                Note(
                    file, text, word.At, $"there is no \"{name}\"{(at.Path.Length > 0 ? $" in {at.Path}" : "")}" +
                    (at.Names.Count == 0 ? ", which is a value of its own." : TemplateBlocks.DidYouMean(name, at.Names)));
                return null;
            }

            at = next;
        }

        return at;
    }

    private void Note(string file, string text, int at, string what)
    {
        var fault = TemplateTag.Fault(file, text, at, what);
        _faults.TryAdd(fault.Message, fault);
    }
}
