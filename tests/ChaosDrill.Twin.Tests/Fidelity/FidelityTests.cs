namespace ChaosDrill.Twin.Tests.Fidelity;

/// <summary>Replays all that was asked of a real 1.36.2 control plane, and compares what the twin answers and shows.</summary>
public sealed class FidelityTests
{
    private static readonly Lazy<Dictionary<string, IReadOnlyList<string>>> Differences = new(() => Scene.All.ToDictionary(s => s, Replay.Run));

    public static TheoryData<string> Scenes => [.. Scene.All];

    [Theory]
    [MemberData(nameof(Scenes))]
    public void Twin_AskedAsRecorded_AnswersAsRecorded(string scene)
    {
        var meant = KnownDifference.All.ToList();
        var others = Differences.Value[scene].Where(d => !meant.Exists(k => k.Covers(scene, d))).ToList();
        Assert.True(others.Count == 0, string.Join('\n', others));
    }

    [Fact]
    public void KnownDifferences_AllStillOccur()
    {
        var gone = KnownDifference.All.Where(k => !Differences.Value.Any(s => s.Value.Any(d => k.Covers(s.Key, d)))).Select(k => k.What).ToList();
        Assert.True(gone.Count == 0, $"These differences no longer occur; take them out of the list:\n{string.Join('\n', gone)}");
    }

    [Fact]
    public void Document_ListsTheKnownDifferences()
    {
        const string Begin = "<!-- differences: written by FidelityTests -->\n";
        const string End = "<!-- /differences -->";
        var path = Path.Combine(Repository.Root, "docs", "twin.md");
        var text = File.ReadAllText(path);
        var begin = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        var end = text.IndexOf(End, StringComparison.Ordinal);
        var table = "| difference | why it is left |\n|---|---|\n" + string.Concat(KnownDifference.All.Select(k => $"| {k.What} | {k.Why} |\n"));
        if (Environment.GetEnvironmentVariable("CHAOSDRILL_UPDATE") == "1")
        {
            File.WriteAllText(path, text[..begin] + table + text[end..]);
            return;
        }

        Assert.Equal(table, text[begin..end]);
    }
}
