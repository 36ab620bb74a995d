using ChaosDrill.Model.Scenarios;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ChaosDrill.Engine.Scenarios.Yaml;

/// <summary>Builds the elements of one file from the parser's events, within limits that hold before anything is built.</summary>
/// <remarks>
/// Anchors, aliases, tags and merge keys are refused rather than limited: a scenario says what it does where it does it,
/// and without aliases no small file can unfold into a large one.
/// </remarks>
internal sealed class YamlTree
{
    /// <summary>How deep lists and mappings may be nested.</summary>
    public const int MaxDepth = 64;

    private readonly string file;
    private readonly ErrorList errors;
    private readonly Dictionary<int, int> tabs;
    private readonly YamlEvents events;
    private int flowDepth;
    private int quiet;

    private YamlTree(string text, string file, ErrorList errors)
    {
        this.file = file;
        this.errors = errors;
        tabs = Lines.IndentedWithTab(text);
        events = new YamlEvents(text, file, tabs);
    }

    /// <summary>The file's only document. Errors that leave its meaning clear, such as a field written twice, are gathered.</summary>
    /// <exception cref="ScenarioException">The text is not YAML, or not of the kind that a scenario is written in.</exception>
    public static YamlElement Read(string text, string file, ErrorList errors)
    {
        var tree = new YamlTree(text.StartsWith('\ufeff') ? text[1..] : text, file, errors);
        var root = tree.ReadDocument();
        if (errors.Unusable)
        {
            throw errors.ToException();
        }

        return root;
    }

    private YamlElement ReadDocument()
    {
        events.Next();
        if (events.Next() is StreamEnd)
        {
            throw new ScenarioException([new ScenarioError(
                ScenarioErrorCodes.Empty, new SourcePosition(file, 1, 1), "", "the file says nothing",
                "begin with \"apiVersion: chaosdrill.dev/v1\" and \"kind: Scenario\"")]);
        }

        var root = Read(events.Next(), 0);
        events.Next();
        if (events.Next() is DocumentStart second)
        {
            Refuse(ScenarioErrorCodes.SeveralDocuments, second, "a second YAML document begins here, and a file holds one scenario", "put it into a file of its own");
        }

        return root;
    }

    private YamlElement Read(ParsingEvent start, int depth)
    {
        var at = PositionOf(start);
        if (start is NodeEvent node)
        {
            RefuseAnchorAndTag(node);
        }

        if (depth >= MaxDepth && start is not Scalar)
        {
            throw new ScenarioException([new ScenarioError(
                ScenarioErrorCodes.TooDeep, at, "", $"lists and fields are nested more than {MaxDepth} deep", "no scenario needs that; look for a bracket that is not closed")]);
        }

        switch (start)
        {
            case Scalar scalar:
                return new YamlScalar(at, scalar.Value, scalar.Style == ScalarStyle.Plain ? CoreSchema.TypeOf(scalar.Value) : CoreType.Text);
            case SequenceStart list:
                return ReadList(list, at, depth);
            case MappingStart mapping:
                return ReadMapping(mapping, at, depth);
            default:
                Refuse(ScenarioErrorCodes.Alias, start, "this is an alias, and scenarios have none", "write the value out; if text is meant, put it into quotes");
                return new YamlScalar(at, "", CoreType.Null);
        }
    }

    private YamlList ReadList(SequenceStart start, SourcePosition at, int depth)
    {
        var items = new List<YamlElement>();
        var flow = start.Style == SequenceStyle.Flow ? 1 : 0;
        flowDepth += flow;
        while (events.Next() is var item && item is not SequenceEnd)
        {
            RefuseTab(item);
            items.Add(Read(item, depth + 1));
        }

        flowDepth -= flow;
        return new YamlList(at, items);
    }

    private YamlMapping ReadMapping(MappingStart start, SourcePosition at, int depth)
    {
        var fields = new List<YamlField>();
        var places = new Dictionary<string, SourcePosition>();
        var flow = start.Style == MappingStyle.Flow ? 1 : 0;
        flowDepth += flow;
        while (events.Next() is var key && key is not MappingEnd)
        {
            RefuseTab(key);
            var name = Read(key, depth + 1) as YamlScalar;
            var merge = name is { Text: "<<" } && key is Scalar { Style: ScalarStyle.Plain };
            quiet += merge ? 1 : 0;
            var value = Read(events.Next(), depth + 1);
            quiet -= merge ? 1 : 0;
            if (merge)
            {
                Refuse(ScenarioErrorCodes.MergeKey, key, "the merge key \"<<\" is not supported", "write the fields out");
            }
            else if (name is null)
            {
                Refuse(ScenarioErrorCodes.KeyNotText, key, "the name of a field must be text", "check the brackets; text with { or [ at its beginning needs quotes");
            }
            else if (places.TryAdd(name.Text, name.Position))
            {
                fields.Add(new YamlField(name.Text, name.Position, value));
            }
            else
            {
                var first = places[name.Text];
                errors.Add(
                    ScenarioErrorCodes.DuplicateKey, name.Position, "",
                    $"the field {Shown.Quoted(name.Text)} is written twice, first in line {first.Line}, column {first.Column}", "keep one of the two");
            }
        }

        flowDepth -= flow;
        return new YamlMapping(at, fields);
    }

    private void RefuseAnchorAndTag(NodeEvent node)
    {
        if (!node.Anchor.IsEmpty)
        {
            Refuse(ScenarioErrorCodes.Alias, node, $"this is the anchor \"&{node.Anchor.Value}\", and scenarios have none", "remove it; if text is meant, put it into quotes");
        }

        if (!node.Tag.IsEmpty)
        {
            Refuse(ScenarioErrorCodes.Tag, node, $"this is the tag {Shown.Quoted(node.Tag.ToString())}, and scenarios have none", "remove it; if text is meant, put it into quotes");
        }
    }

    // The parser lets some tabs through, which other YAML readers refuse.
    private void RefuseTab(ParsingEvent at)
    {
        if (flowDepth == 0 && tabs.TryGetValue((int)at.Start.Line, out var column) && at.Start.Column > column)
        {
            errors.AddUnusable(YamlEvents.TabError(new SourcePosition(file, (int)at.Start.Line, column)));
        }
    }

    private void Refuse(string code, ParsingEvent at, string message, string mend)
    {
        if (quiet == 0)
        {
            errors.AddUnusable(new ScenarioError(code, PositionOf(at), "", message, mend));
        }
    }

    private SourcePosition PositionOf(ParsingEvent at) => new(file, (int)at.Start.Line, (int)at.Start.Column);
}
