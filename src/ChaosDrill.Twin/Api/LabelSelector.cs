using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;

namespace ChaosDrill.Twin.Api;

/// <summary>A label selector, from a query (<c>app=web,tier in (a,b),!old</c>) or from an object's spec.</summary>
internal sealed class LabelSelector
{
    public static readonly LabelSelector Everything = new([]);

    private static readonly LabelSelector Nothing = new([new Requirement("", Operator.Never, [])]);

    private readonly List<Requirement> requirements;

    private LabelSelector(List<Requirement> requirements) => this.requirements = requirements;

    private enum Operator
    {
        In,
        NotIn,
        Exists,
        Absent,
        Less,
        Greater,
        Never,
    }

    public bool IsEverything => requirements.Count == 0;

    public static LabelSelector Parse(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return Everything;
        }

        var tokens = new Tokens(text);
        var found = new List<Requirement>();
        while (true)
        {
            found.Add(ParseOne(tokens));
            if (tokens.Current.Length == 0)
            {
                return new LabelSelector(found);
            }

            if (tokens.Current != ",")
            {
                throw Wrong(tokens.Current, "',' or 'end of string'");
            }

            tokens.Move();
        }
    }

    /// <summary>From matchLabels and matchExpressions; no selector at all selects nothing.</summary>
    public static LabelSelector FromObject(JsonObject? selector)
    {
        if (selector is null)
        {
            return Nothing;
        }

        var found = new List<Requirement>();
        foreach (var (key, value) in selector.Obj("matchLabels") ?? [])
        {
            found.Add(new(key, Operator.In, [value.AsStr() ?? ""]));
        }

        foreach (var expression in selector.Arr("matchExpressions").Objects())
        {
            var op = expression.Str("operator") switch
            {
                "In" => Operator.In,
                "NotIn" => Operator.NotIn,
                "Exists" => Operator.Exists,
                "DoesNotExist" => Operator.Absent,
                "Gt" => Operator.Greater,
                "Lt" => Operator.Less,
                _ => Operator.Never,
            };
            found.Add(new(expression.Str("key") ?? "", op, [.. expression.Arr("values").Strings()]));
        }

        return new LabelSelector(found);
    }

    public bool Matches(JsonObject? labels) => requirements.TrueForAll(r => r.Matches(labels.Str(r.Key)));

    private static Requirement ParseOne(Tokens tokens)
    {
        if (tokens.Current == "!")
        {
            tokens.Move();
            return new(tokens.TakeWord(), Operator.Absent, []);
        }

        var key = tokens.TakeWord();
        switch (tokens.Current)
        {
            case "" or ",":
                return new(key, Operator.Exists, []);
            case "=" or "==" or "!=" or "<" or ">":
                var sign = tokens.Current;
                tokens.Move();
                var value = tokens.Current is "" or "," ? "" : tokens.TakeWord();
                return new(key, sign switch { "!=" => Operator.NotIn, "<" => Operator.Less, ">" => Operator.Greater, _ => Operator.In }, [value]);
            case "in" or "notin":
                var op = tokens.Current == "in" ? Operator.In : Operator.NotIn;
                tokens.Move();
                return new(key, op, TakeValues(tokens));
            default:
                throw Wrong(tokens.Current, "in, notin, =, ==, !=, gt, lt");
        }
    }

    private static string[] TakeValues(Tokens tokens)
    {
        if (tokens.Current != "(")
        {
            throw Wrong(tokens.Current, "'('");
        }

        tokens.Move();
        var values = new List<string>();
        while (tokens.Current != ")")
        {
            if (tokens.Current.Length == 0)
            {
                throw Wrong("", "',', or ')'");
            }

            if (tokens.Current == ",")
            {
                tokens.Move();
                continue;
            }

            values.Add(tokens.TakeWord());
        }

        tokens.Move();
        return [.. values];
    }

    private static ApiException Wrong(string found, string expected) =>
        Failure.BadRequest($"unable to parse requirement: found '{found}', expected: {expected}");

    private sealed record Requirement(string Key, Operator Operator, string[] Values)
    {
        public bool Matches(string? value) => Operator switch
        {
            Operator.In => value is not null && Array.IndexOf(Values, value) >= 0,
            Operator.NotIn => value is null || Array.IndexOf(Values, value) < 0,
            Operator.Exists => value is not null,
            Operator.Absent => value is null,
            Operator.Less => long.TryParse(value, out var low) && long.TryParse(Values.FirstOrDefault(), out var limit) && low < limit,
            Operator.Greater => long.TryParse(value, out var high) && long.TryParse(Values.FirstOrDefault(), out var floor) && high > floor,
            _ => false,
        };
    }

    private sealed class Tokens
    {
        private readonly string text;
        private int position;

        public Tokens(string text)
        {
            this.text = text;
            Move();
        }

        public string Current { get; private set; } = "";

        public void Move()
        {
            while (position < text.Length && char.IsWhiteSpace(text[position]))
            {
                position++;
            }

            var start = position;
            if (position == text.Length)
            {
                Current = "";
            }
            else if ("=!<>(),".Contains(text[position], StringComparison.Ordinal))
            {
                position++;
                if (position < text.Length && text[position] == '=' && text[start] is '=' or '!' && position < text.Length && text[position] == '=')
                {
                    position++;
                }

                Current = text[start..position];
            }
            else
            {
                while (position < text.Length && !char.IsWhiteSpace(text[position]) && !"=!<>(),".Contains(text[position], StringComparison.Ordinal))
                {
                    position++;
                }

                Current = text[start..position];
            }
        }

        public string TakeWord()
        {
            var word = Current;
            if (word.Length == 0 || "=!<>(),".Contains(word[0], StringComparison.Ordinal))
            {
                throw Wrong(word, "identifier");
            }

            Move();
            return word;
        }
    }
}
