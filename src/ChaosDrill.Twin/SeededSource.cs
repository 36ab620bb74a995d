using System.Globalization;

namespace ChaosDrill.Twin;

/// <summary>Every random thing of one twin: names, uids, choices. The same seed gives the same sequence.</summary>
internal sealed class SeededSource(int seed)
{
    private const string NameAlphabet = "bcdfghjklmnpqrstvwxz2456789";

    private readonly Random names = new(seed);
    private readonly Random choices = new(unchecked(seed * 31 + 7));

    /// <summary>A suffix as the API server appends to generateName.</summary>
    public string Suffix(int length = 5) => string.Create(length, names, static (span, random) =>
    {
        foreach (ref var letter in span)
        {
            letter = NameAlphabet[random.Next(NameAlphabet.Length)];
        }
    });

    public string Uid()
    {
        Span<byte> bytes = stackalloc byte[16];
        names.NextBytes(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0f) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString("D", CultureInfo.InvariantCulture);
    }

    /// <summary>A choice among <paramref name="count"/> things; its own sequence, so that traffic does not change names.</summary>
    public int Choose(int count) => choices.Next(count);

    public TimeSpan Between(TimeSpan low, TimeSpan high) => low + (high - low) * choices.NextDouble();
}
