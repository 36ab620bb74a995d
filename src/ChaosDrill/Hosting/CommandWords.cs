using System.Buffers;
using System.Text;

namespace ChaosDrill.Hosting;

/// <summary>Splits a command line into words as a shell would, as far as that needs no shell.</summary>
internal static class CommandWords
{
    private static readonly SearchValues<char> NoFileName = SearchValues.Create(" '\"|&;$`");

    /// <summary>The words of a command; a file that its output goes to is left out.</summary>
    /// <returns>Null when only a shell can run it: it has a pipe, a variable or another command in it.</returns>
    public static IReadOnlyList<string>? Of(string command)
    {
        var to = command.LastIndexOf(" > ", StringComparison.Ordinal);
        var text = to > 0 && !command.AsSpan(to + 3).ContainsAny(NoFileName) ? command[..to] : command;
        List<string> words = [];
        StringBuilder? word = null;
        char? quote = null;
        foreach (var c in text)
        {
            if (quote is not null)
            {
                if (c == quote)
                {
                    quote = null;
                }
                else if (quote == '"' && c is ('$' or '`' or '\\'))
                {
                    return null;
                }
                else
                {
                    word!.Append(c);
                }
            }
            else if (c is '\'' or '"')
            {
                quote = c;
                word ??= new StringBuilder();
            }
            else if (c is '|' or '&' or ';' or '<' or '>' or '$' or '`' or '\\' or '*' or '?' or '(' or ')' or '{' or '}' or '~' or '#')
            {
                return null;
            }
            else if (c == ' ')
            {
                Take(words, ref word);
            }
            else
            {
                (word ??= new StringBuilder()).Append(c);
            }
        }

        Take(words, ref word);
        return quote is null && words.Count > 0 ? words : null;
    }

    private static void Take(List<string> words, ref StringBuilder? word)
    {
        if (word is not null)
        {
            words.Add(word.ToString());
            word = null;
        }
    }
}
