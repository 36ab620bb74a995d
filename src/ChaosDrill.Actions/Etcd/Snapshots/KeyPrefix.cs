using System.Text;

namespace ChaosDrill.Actions.Etcd.Snapshots;

/// <summary>The part of a key that names what sort of thing it holds: <c>/registry/pods</c>, <c>/registry/velero.io/backups</c>.</summary>
internal static class KeyPrefix
{
    public static string Of(ReadOnlySpan<byte> key)
    {
        var parts = 2;
        var end = 0;
        for (var part = 0; part < parts; part++)
        {
            var next = end < key.Length ? key[(end + 1)..].IndexOf((byte)'/') : -1;
            if (next < 0)
            {
                // A key without a deeper level stands for itself only at the top.
                return Text(part == 0 ? key : key[..end]);
            }

            var segment = key.Slice(end + 1, next);
            end += next + 1;

            // Groups and services have one level more.
            parts += part == 1 && (segment.Contains((byte)'.') || segment.SequenceEqual("services"u8)) ? 1 : 0;
        }

        return Text(key[..end]);
    }

    private static string Text(ReadOnlySpan<byte> key) => Encoding.UTF8.GetString(key);
}
