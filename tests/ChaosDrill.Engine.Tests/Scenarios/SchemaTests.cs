using System.Globalization;
using System.Text.Json.Nodes;
using ChaosDrill.Engine.Scenarios;
using ChaosDrill.Engine.Scenarios.Yaml;
using Xunit;

namespace ChaosDrill.Engine.Tests.Scenarios;

public sealed class SchemaTests
{
    private static readonly XmlDocs Docs = XmlDocs.Of(Kinds.Vocabulary);
    private static readonly JsonObject Schema = JsonNode.Parse(ScenarioSchema.Generate(Kinds.Vocabulary, Docs))!.AsObject();

    [Fact]
    public void Generate_ScenarioOfTheDesign_IsValid() => Assert.Empty(Broken(Kinds.Storefront));

    [Theory]
    [InlineData("every: 100ms", "every: 30", ".spec.probes[0].every anyOf")]
    [InlineData("every: 100ms", "every: soon", ".spec.probes[0].every anyOf")]
    [InlineData("atLeast: 99.5%", "atLeast: 99.5", ".spec.objectives[1].availability.atLeast type")]
    [InlineData("atLeast: 99.5%", "atLeast: 101%", ".spec.objectives[1].availability.atLeast pattern")]
    [InlineData("maxAffected: 34%", "maxAffected: -1", ".spec.guards.maxAffected anyOf")]
    [InlineData("maxAffected: 34%", "maxAffected: \"2\"", ".spec.guards.maxAffected anyOf")]
    [InlineData("repeat: 3", "repeat: 0", ".spec.repeat minimum")]
    [InlineData("repeat: 3", "repeat: \"3\"", ".spec.repeat type")]
    [InlineData("nodes: 3", "nodes: 9999", ".spec.twin.nodes maximum")]
    [InlineData("kind: Scenario", "kind: Deployment", ".kind const")]
    [InlineData("name: storefront-pod-kill", "name: Bad name", ".metadata.name pattern")]
    [InlineData("team: shop", "team: 7", ".metadata.labels.team type")]
    [InlineData("mode: one", "mode: ones", ".spec.steps[0].podKill.mode enum")]
    [InlineData("of: [deployment/storefront]", "of: []", ".spec.steps[1].awaitRecovery.of minItems")]
    [InlineData("of: [deployment/storefront]", "of: [storefront]", ".spec.steps[1].awaitRecovery.of[0] pattern")]
    [InlineData("stableFor: 10s", "stabelFor: 10s", ".spec.steps[1].awaitRecovery additionalProperties")]
    [InlineData("selector: app=storefront, ", "", ".spec.steps[0].podKill required")]
    [InlineData("selector: app=storefront", "selector: \" \"", ".spec.steps[0].podKill.selector pattern")]
    [InlineData("port: 80", "port: 8.5", ".spec.probes[0].service.port type")]
    [InlineData("every: 100ms", "http: { url: http://x }", ".spec.probes[0] oneOf")]
    [InlineData("    - name: Kill one pod\n      podKill: { selector: app=storefront, mode: one, gracePeriod: 0s }", "    - name: nothing", ".spec.steps[0] oneOf")]
    public void Generate_BadScenario_IsInvalidThere(string passage, string instead, string expected) =>
        Assert.Equal([expected], Broken(Kinds.With(passage, instead)));

    [Fact]
    public void Generate_EveryFieldAndKind_HasADescription()
    {
        foreach (var (name, definition) in Schema["definitions"]!.AsObject())
        {
            Assert.False(string.IsNullOrEmpty((string?)definition!["description"]), name);
            foreach (var (field, property) in definition["properties"]!.AsObject())
            {
                Assert.False(string.IsNullOrEmpty((string?)property!["description"]), $"{name}.{field}");
            }
        }
    }

    [Fact]
    public void Generate_Fields_CarryDefaultsRangesExamplesAndMeanings()
    {
        var definitions = Schema["definitions"]!;
        Assert.Equal("30s", (string?)definitions["AwaitRecovery"]!["properties"]!["stableFor"]!["default"]);
        Assert.Equal(1, (int?)definitions["ScenarioSpec"]!["properties"]!["repeat"]!["default"]);
        Assert.Equal("skip", (string?)definitions["ScheduleSpec"]!["properties"]!["missed"]!["default"]);
        Assert.Equal("99%", (string?)definitions["LatencyGoal"]!["properties"]!["percentile"]!["default"]);
        Assert.Equal("[200]", definitions["HttpProbe"]!["properties"]!["statuses"]!["default"]!.ToJsonString().ReplaceLineEndings("").Replace(" ", "", StringComparison.Ordinal));
        Assert.Equal("app=storefront", (string?)definitions["PodKill"]!["properties"]!["selector"]!["examples"]![0]);
        Assert.Equal("How long the pods may take to end. 0s to 10m.", (string?)definitions["PodKill"]!["properties"]!["gracePeriod"]!["description"]);
        Assert.Equal("Workloads and probes that must be well again: `deployment/NAME`, `statefulset/NAME`, `probe/NAME`.", (string?)definitions["AwaitRecovery"]!["properties"]!["of"]!["description"]);
        Assert.Equal("It is left out.", (string?)definitions["ScheduleSpec"]!["properties"]!["missed"]!["markdownEnumDescriptions"]![0]);
    }

    [Fact]
    public void Generate_MembersThatAFileCannotSet_AreNotInIt()
    {
        var steps = Schema["definitions"]!["Step"]!["properties"]!.AsObject().Select(p => p.Key);
        Assert.Equal(["name", "podKill", "pause", "awaitRecovery", "wait", "undo"], steps);
        Assert.Equal(["selector", "mode", "value", "gracePeriod"], Schema["definitions"]!["PodKill"]!["properties"]!.AsObject().Select(p => p.Key));
    }

    [Fact]
    public void Generate_Twice_GivesTheSameText() =>
        Assert.Equal(ScenarioSchema.Generate(Kinds.Vocabulary, Docs), ScenarioSchema.Generate(Kinds.Vocabulary, XmlDocs.Of(Kinds.Vocabulary)));

    [Fact]
    public void Markdown_NamesEveryFieldAndKind()
    {
        var page = string.Concat(ScenarioReference.Pages(Kinds.Vocabulary, Docs).Values);
        foreach (var (_, definition) in Schema["definitions"]!.AsObject())
        {
            foreach (var (field, _) in definition!["properties"]!.AsObject())
            {
                Assert.Contains($"`{field}`", page, StringComparison.Ordinal);
            }
        }

        Assert.Contains("| `stableFor` | duration | `30s` | How long everything must hold without a break, 1ms to 24h. A flap restarts it. |\n", page, StringComparison.Ordinal);
        Assert.Contains("| `of` | list of reference | required | Workloads and probes", page, StringComparison.Ordinal);
        Assert.Contains("| `repeat` | whole number | `1` | ", page, StringComparison.Ordinal);
        Assert.Contains("| [`podKill`](faults/podKill.md) | Kills pods. |\n", page, StringComparison.Ordinal);
        Assert.Contains("# `podKill`\n\nKills pods.\n", page, StringComparison.Ordinal);
        Assert.Contains("| `spec` | [scenario spec](#scenario-spec) | required | The scenario itself. |\n", page, StringComparison.Ordinal);
        var headings = page.Split('\n').Where(line => line.StartsWith('#')).ToList();
        Assert.Equal(headings.Distinct(), headings);
        Assert.DoesNotContain("\r", page, StringComparison.Ordinal);
    }

    /// <summary>Whatever the reader takes, the schema must take too, or an editor would call a good scenario wrong.</summary>
    internal static IReadOnlyList<string> Broken(string yaml) =>
        new SmallJsonSchema(Schema).Validate(ToJson(YamlTree.Read(yaml, "drill.yaml", new ErrorList())));

    private static JsonNode? ToJson(YamlElement element) => element switch
    {
        YamlList list => new JsonArray([.. list.Items.Select(ToJson)]),
        YamlMapping mapping => new JsonObject(mapping.Fields.Select(f => KeyValuePair.Create(f.Name, ToJson(f.Value)))),
        YamlScalar { Type: CoreType.Null } => null,
        YamlScalar { Type: CoreType.Bool } truth => JsonValue.Create(truth.Text is "true" or "True" or "TRUE"),
        YamlScalar { Type: CoreType.WholeNumber } number => JsonValue.Create(Whole(number.Text)),
        YamlScalar { Type: CoreType.Number } number => JsonValue.Create(double.TryParse(number.Text, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) ? value + 0.25 : 0.25),
        YamlScalar text => JsonValue.Create(text.Text),
        _ => throw new NotSupportedException(),
    };

    private static long Whole(string text) => text switch
    {
        ['0', 'x', .. var hex] => long.TryParse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var value) ? value : long.MaxValue,
        ['0', 'o', .. var octal] => octal.Length < 20 ? Convert.ToInt64(octal, 8) : long.MaxValue,
        _ => long.TryParse(text, CultureInfo.InvariantCulture, out var value) ? value : long.MaxValue,
    };
}
