using System.Globalization;
using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ChaosDrill.Kubernetes;

/// <summary>A node of a kubeconfig, with its place for messages.</summary>
internal abstract class KubeconfigNode(string place)
{
    /// <summary>File, line and column.</summary>
    public string Place { get; } = place;
}

internal sealed class KubeconfigScalar(string place, string value, bool isPlain) : KubeconfigNode(place)
{
    public string Value { get; } = value;

    public bool IsNull => IsPlain && Value is "" or "~" or "null" or "Null" or "NULL";

    public bool IsPlain { get; } = isPlain;
}

internal sealed class KubeconfigList(string place) : KubeconfigNode(place)
{
    public List<KubeconfigNode> Items { get; } = [];
}

internal sealed class KubeconfigMap(string place) : KubeconfigNode(place)
{
    public Dictionary<string, KubeconfigNode> Members { get; } = new(StringComparer.Ordinal);
}

/// <summary>Reads YAML event by event, so that a hostile file meets a limit before it meets the stack or the memory.</summary>
internal sealed class KubeconfigYaml
{
    private const int MaxSize = 8 * 1024 * 1024;
    private const int MaxDepth = 32;
    private const int MaxNodes = 200_000;

    private readonly string file;
    private readonly Parser parser;
    private readonly Dictionary<string, KubeconfigNode> anchors = new(StringComparer.Ordinal);
    private readonly HashSet<string> open = new(StringComparer.Ordinal);
    private int nodes;

    private KubeconfigYaml(string file, string text)
    {
        this.file = file;
        parser = new Parser(new StringReader(text));
    }

    /// <summary>Reads the first document of a file.</summary>
    /// <exception cref="KubeconfigException">It cannot be read, or is no YAML mapping.</exception>
    public static KubeconfigMap Load(string file)
    {
        var text = Text(file);
        try
        {
            return new KubeconfigYaml(file, text).Document();
        }
        catch (YamlException error)
        {
            throw Explain(file, error, text);
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException or OverflowException or FormatException)
        {
            // YamlDotNet's scanner leaks these on some broken input.
            throw new KubeconfigException($"{file}: it is no YAML: {error.Message}", error);
        }
    }

    private static string Text(string file)
    {
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);

            // Read to the limit rather than asked for its size: a device or pipe has none.
            var buffer = new byte[64 * 1024];
            using var all = new MemoryStream();
            while (stream.Read(buffer) is var read and > 0)
            {
                all.Write(buffer, 0, read);
                if (all.Length > MaxSize)
                {
                    throw new KubeconfigException($"{file}: it is larger than {MaxSize / (1024 * 1024)} MB; that is no kubeconfig");
                }
            }

            var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(all.GetBuffer().AsSpan(0, (int)all.Length)).TrimStart('\uFEFF');

            // YamlDotNet takes a NUL for the end and would silently drop what follows.
            return text.Contains('\0', StringComparison.Ordinal) ? throw new KubeconfigException($"{file}: it holds NUL bytes; that is no kubeconfig") : text;
        }
        catch (DecoderFallbackException error)
        {
            throw new KubeconfigException($"{file}: it is not UTF-8 text; that is no kubeconfig", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KubeconfigException($"{file}: it cannot be read: {error.Message}", error);
        }
    }

    private static KubeconfigException Explain(string file, YamlException error, string text)
    {
        // The library does not name the tab, and often points elsewhere.
        var lines = text.Split('\n');
        for (var line = 0; line < lines.Length; line++)
        {
            var tab = lines[line].IndexOf('\t', StringComparison.Ordinal);
            if (tab >= 0 && lines[line].AsSpan(0, tab).IsWhiteSpace() && !string.IsNullOrWhiteSpace(lines[line]))
            {
                return new($"{file}:{line + 1}:{tab + 1}: a tab indents this line; YAML allows spaces only", error);
            }
        }

        return new($"{At(file, error.Start)}: it is no valid YAML: {error.InnerException?.Message ?? error.Message}", error);
    }

    private static string At(string file, Mark mark) => string.Create(CultureInfo.InvariantCulture, $"{file}:{mark.Line}:{mark.Column}");

    private KubeconfigMap Document()
    {
        parser.Consume<StreamStart>();
        if (parser.Accept<StreamEnd>(out _))
        {
            return new KubeconfigMap(file);
        }

        parser.Consume<DocumentStart>();
        var root = Node(0);
        return root switch
        {
            KubeconfigMap map => map,
            KubeconfigScalar { IsNull: true } => new KubeconfigMap(file),
            _ => throw new KubeconfigException($"{root.Place}: a kubeconfig is a mapping (\"clusters:\", \"contexts:\", \"users:\"), and this is not"),
        };
    }

    private KubeconfigNode Node(int depth)
    {
        var current = parser.Consume<ParsingEvent>();
        var place = At(file, current.Start);
        if (++nodes > MaxNodes)
        {
            throw new KubeconfigException($"{place}: more than {MaxNodes} entries; that is no kubeconfig");
        }

        if (depth > MaxDepth)
        {
            throw new KubeconfigException($"{place}: nested deeper than {MaxDepth} levels; that is no kubeconfig");
        }

        if (current is AnchorAlias alias)
        {
            var name = alias.Value.Value;
            return open.Contains(name)
                ? throw new KubeconfigException($"{place}: the alias *{name} stands inside its own anchor &{name}, which never ends")
                : anchors.GetValueOrDefault(name) ?? throw new KubeconfigException($"{place}: the alias *{name} has no anchor &{name} before it");
        }

        var anchor = current is NodeEvent { Anchor.IsEmpty: false } anchored ? anchored.Anchor.Value : null;
        if (anchor is not null)
        {
            open.Add(anchor);
        }

        KubeconfigNode node = current switch
        {
            Scalar scalar => new KubeconfigScalar(place, scalar.Value, scalar.Style == ScalarStyle.Plain),
            SequenceStart => List(new KubeconfigList(place), depth),
            MappingStart => Map(new KubeconfigMap(place), depth),
            _ => throw new KubeconfigException($"{place}: it ends in the middle"),
        };
        if (anchor is not null)
        {
            open.Remove(anchor);
            anchors[anchor] = node;
        }

        return node;
    }

    private KubeconfigList List(KubeconfigList list, int depth)
    {
        while (!parser.TryConsume<SequenceEnd>(out _))
        {
            list.Items.Add(Node(depth + 1));
        }

        return list;
    }

    private KubeconfigMap Map(KubeconfigMap map, int depth)
    {
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            if (Node(depth + 1) is not KubeconfigScalar key)
            {
                throw new KubeconfigException($"{At(file, parser.Current!.Start)}: a name was expected here");
            }

            if (key is { Value: "<<", IsPlain: true })
            {
                throw new KubeconfigException($"{key.Place}: merge keys (\"<<\") are not supported in a kubeconfig; write the entries out");
            }

            if (!map.Members.TryAdd(key.Value, Node(depth + 1)))
            {
                throw new KubeconfigException($"{key.Place}: \"{Shortened(key.Value)}\" is there twice; remove one");
            }
        }

        return map;
    }

    private static string Shortened(string text) => text.Length <= 80 ? text : text[..80] + "...";
}
