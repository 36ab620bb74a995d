using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace ChaosDrill.Reports.Templates;

/// <summary>
/// What a template really gets of a model: every text is encoded before the template sees it, so that <c>{{{name}}}</c> writes
/// the same as <c>{{name}}</c>; and going through lists and members takes turns, so that loops within loops come to an end.
/// </summary>
internal sealed class Filling(ValueEncoder encoder)
{
    /// <summary>A page of ten thousand lines takes some twenty thousand turns.</summary>
    private const int MostTurns = 2_000_000;

    private int turns;

    /// <summary>Wraps a model.</summary>
    public object? Of(object? value) => value switch
    {
        string text => encoder.Encode(text),
        Markup markup => markup.IsCode && !encoder.HasFences ? encoder.Encode(markup.Text) : markup.Text,
        IReadOnlyDictionary<string, object?> members => new Members(this, members),
        IReadOnlyList<object?> items => new Items(this, items),
        _ => value,
    };

    private object? Turn(object? value) => ++turns <= MostTurns ? Of(value) : throw new TooManyTurnsException();

    /// <summary>A template loops for longer than any document needs.</summary>
    internal sealed class TooManyTurnsException : Exception;

    private sealed class Items(Filling filling, IReadOnlyList<object?> items) : IReadOnlyList<object?>
    {
        public int Count => items.Count;

        public object? this[int index] => filling.Turn(items[index]);

        public IEnumerator<object?> GetEnumerator() => items.Select(filling.Turn).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }

    private sealed class Members(Filling filling, IReadOnlyDictionary<string, object?> members) : IReadOnlyDictionary<string, object?>
    {
        public int Count => members.Count;

        public IEnumerable<string> Keys => this.Select(m => m.Key);

        public IEnumerable<object?> Values => this.Select(m => m.Value);

        public object? this[string key] => filling.Of(members[key]);

        public bool ContainsKey(string key) => members.ContainsKey(key);

        public bool TryGetValue(string key, [MaybeNullWhen(false)] out object? value)
        {
            var isThere = members.TryGetValue(key, out value);
            value = filling.Of(value);
            return isThere;
        }

        public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => members.Select(m => KeyValuePair.Create(m.Key, filling.Turn(m.Value))).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
