using System.Text;
using ChaosDrill.Engine.Scenarios;
using Xunit;

namespace ChaosDrill.Engine.Tests.Scenarios;

/// <summary>Files that are no scenarios, by mistake or by malice: one clear message each, and never anything but a <see cref="ScenarioException"/>.</summary>
public sealed class HostileFileTests : IDisposable
{
    private const int MiB = 1 << 20;

    private readonly string directory = Directory.CreateTempSubdirectory("chaosdrill-").FullName;

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Theory]
    [InlineData("a:\n\tb: 3\n", "2:1 CD1007 YAML does not allow tabs for indentation; use spaces")]
    [InlineData("a:\n  b: 3\n\tc: 4\n", "3:1 CD1007 YAML does not allow tabs for indentation; use spaces")]
    [InlineData("a:\n  \tb: 3\n", "2:3 CD1007 YAML does not allow tabs for indentation; use spaces")]
    [InlineData("a:\n  - b\n \t- c\n", "3:2 CD1007 YAML does not allow tabs for indentation; use spaces")]
    [InlineData("", "1:1 CD1005 the file says nothing; begin with \"apiVersion: chaosdrill.dev/v1\" and \"kind: Scenario\"")]
    [InlineData("# nothing\n\n", "1:1 CD1005 the file says nothing; begin with \"apiVersion: chaosdrill.dev/v1\" and \"kind: Scenario\"")]
    [InlineData("a: 1\0\n", "1:5 CD1004 the file holds a NUL byte, which YAML does not allow; remove it")]
    [InlineData("a: 1\nb: \u001b[31m\n", "2:4 CD1004 the file holds the character U+001B, which YAML does not allow; remove it")]
    [InlineData("cron: * 3 * * *\n", "1:7 CD1006 a value cannot begin with \"*\" unless it is quoted; put the value into quotes")]
    [InlineData("at: @daily\n", "1:5 CD1006 a value cannot begin with \"@\" unless it is quoted; put the value into quotes")]
    [InlineData("a: b: c\n", "1:5 CD1006 a second \": \" stands in one line; put the value into quotes, or begin a new line")]
    [InlineData("a: \"b\nc: d\n", "1:4 CD1006 the quoted text that begins here is not closed, or not indented as its field is; close the quotes in the same line")]
    [InlineData("a:\n  b: 1\n c: 2\n", "3:2 CD1006 this is not YAML: while parsing a block mapping, did not find expected key; check indentation, colons and brackets here and in the line before")]
    [InlineData("a: [1, 2\n", "2:1 CD1006 this is not YAML: while parsing a flow sequence, did not find expected ',' or ']'; check indentation, colons and brackets here and in the line before")]
    [InlineData("%YAML 3.1\n---\na: 1\n", "1:1 CD1006 a value cannot begin with \"%\" unless it is quoted; put the value into quotes")]
    [InlineData("a: 1\n---\nb: 2\n", "2:1 CD1008 a second YAML document begins here, and a file holds one scenario; put it into a file of its own")]
    [InlineData("a: &x 1\n", "1:4 CD1010 this is the anchor \"&x\", and scenarios have none; remove it; if text is meant, put it into quotes")]
    [InlineData("a: *x\n", "1:4 CD1010 this is an alias, and scenarios have none; write the value out; if text is meant, put it into quotes")]
    [InlineData("a: !!binary aGk=\n", "1:4 CD1011 this is the tag \"tag:yaml.org,2002:binary\", and scenarios have none; remove it; if text is meant, put it into quotes")]
    [InlineData("a: !custom 1\n", "1:4 CD1011 this is the tag \"!custom\", and scenarios have none; remove it; if text is meant, put it into quotes")]
    [InlineData("{ [a]: b }\n", "1:3 CD1013 the name of a field must be text; check the brackets; text with { or [ at its beginning needs quotes")]
    [InlineData("- a\n", "1:1 CD1104 found a list, needs fields with values; write \"apiVersion: ...\", one field a line")]
    [InlineData("hello\n", "1:1 CD1104 found \"hello\", needs fields with values; write \"apiVersion: ...\", one field a line")]
    [InlineData("~\n", "1:1 CD1104 found nothing, needs fields with values; write \"apiVersion: ...\", one field a line")]
    public void Read_NoScenario_SaysWhatAndWhere(string text, string expected) => Assert.Equal([expected], Kinds.Errors(text));

    [Fact]
    public void Read_HalfACharacter_IsRefused() =>
        Assert.Equal(["1:4 CD1004 the file holds the character U+D800, which YAML does not allow; remove it"], Kinds.Errors("a: \ud800\n"));

    [Fact]
    public void Read_MergeKey_IsRefusedOnceForKeyAndAlias() =>
        Assert.Equal(
            ["2:4 CD1010 this is the anchor \"&b\", and scenarios have none; remove it; if text is meant, put it into quotes",
             "3:6 CD1012 the merge key \"<<\" is not supported; write the fields out"],
            Kinds.Errors("x:\na: &b { c: 1 }\nd: { <<: *b }\n"));

    [Theory]
    [InlineData("a: &x [*x]\n")]
    [InlineData("&x a: { *x : *x }\n")]
    public void Read_CyclicAnchors_AreRefused(string text) =>
        Assert.All(Kinds.Errors(text), e => Assert.Contains("CD1010", e, StringComparison.Ordinal));

    [Fact]
    public void Read_BillionLaughs_IsRefusedAtEachAnchorAndAlias()
    {
        var text = new StringBuilder("a0: &a0 [lol, lol]\n");
        for (var i = 1; i < 40; i++)
        {
            text.Append($"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n");
        }

        var error = Assert.Throws<ScenarioException>(() => Kinds.Read(text.ToString()));
        Assert.All(error.Errors, e => Assert.Equal(ScenarioErrorCodes.Alias, e.Code));
        Assert.Equal(ScenarioException.MostShown + 1, error.Message.Split('\n').Length);
        Assert.EndsWith("... and 410 more", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[", 100_000)]
    [InlineData("{", 100_000)]
    [InlineData("{a: ", 100_000)]
    [InlineData("- ", 100_000)]
    [InlineData("? ", 100_000)]
    [InlineData("[{", 100_000)]
    [InlineData("[a, {b: ", 50_000)]
    public void Read_DeepNesting_IsRefusedWithoutDescending(string opening, int times)
    {
        var text = string.Concat(Enumerable.Repeat(opening, times));
        Assert.Contains(" CD1009 lists and fields are nested more than 64 deep", Assert.Single(Kinds.Errors(text)), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_DeepIndentation_IsRefused()
    {
        var text = string.Concat(Enumerable.Range(0, 1400).Select(i => new string(' ', i) + "a:\n"));
        Assert.Contains(" CD1009 ", Assert.Single(Kinds.Errors(text)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("a ")]
    [InlineData("a\n")]
    [InlineData("a: b\n")]
    [InlineData("\n")]
    [InlineData(" ")]
    [InlineData("\t")]
    [InlineData("#")]
    [InlineData("- a\n")]
    [InlineData("---\n")]
    [InlineData("...\n")]
    [InlineData("%A\n")]
    [InlineData("!")]
    [InlineData("&a ")]
    [InlineData("*a ")]
    [InlineData(":")]
    [InlineData(": ")]
    [InlineData(",")]
    [InlineData("'")]
    [InlineData("\"")]
    [InlineData("\\")]
    [InlineData("|")]
    [InlineData("[a],")]
    [InlineData("\u2028")]
    [InlineData("é")]
    public void Read_OneMebibyteOfOneThing_IsRefusedInTime(string thing)
    {
        var times = MiB / Encoding.UTF8.GetByteCount(thing);
        foreach (var prefix in new[] { "", "a: ", "[", "\"", "a: |\n " })
        {
            var text = string.Concat(Enumerable.Repeat(thing, times - 10));
            var begin = TimeProvider.System.GetTimestamp();
            Assert.Throws<ScenarioException>(() => Kinds.Read(prefix + text));

            // Two seconds on an idle machine; what takes the square of it would take hours.
            Assert.True(TimeProvider.System.GetElapsedTime(begin) < TimeSpan.FromMinutes(2), $"took {TimeProvider.System.GetElapsedTime(begin)} for {prefix}");
        }
    }

    [Fact]
    public void Read_ThousandsOfUnknownFields_GivesTwentyErrorsInTheMessage()
    {
        var text = string.Concat(Enumerable.Range(0, 60_000).Select(i => $"fld{i}: 1\n"));
        var error = Assert.Throws<ScenarioException>(() => Kinds.Read(text));
        Assert.Equal(21, error.Message.Split('\n').Length);
        Assert.Equal(200, error.Errors.Count);
    }

    [Fact]
    public void Read_ByteOrderMarkAndOtherLineBreaks_AreUnderstood()
    {
        foreach (var lineBreak in new[] { "\n", "\r\n", "\r" })
        {
            var text = "\ufeff" + Kinds.Storefront.Replace("\n", lineBreak, StringComparison.Ordinal);
            var scenario = Kinds.Read(text);
            Assert.Equal(text, scenario.Origin.Text);
            Assert.Equal(18, scenario.Spec.Probes[0].Source!.Line);
        }

        Assert.Equal("1:1 CD1101 oops: unknown field \"oops\"; allowed: apiVersion, kind, metadata, spec", Kinds.Errors("\ufeffoops: 1\n").First(e => e.Contains("oops", StringComparison.Ordinal)));
    }

    [Fact]
    public void Read_DocumentMarks_AreUnderstood() => Kinds.Read("%YAML 1.2\n---\n" + Kinds.Storefront + "...\n");

    [Fact]
    public void Read_TabsWhereYamlAllowsThem_AreUnderstood()
    {
        var text = Kinds.With("  description: One storefront pod dies. Shoppers must not notice.", "  description: |\n    a\n    \tb")
            .Replace("repeat: 3", "repeat:\t3\t# tab", StringComparison.Ordinal)
            .Replace("[twin/shop.yaml]", "[\n    \ttwin/shop.yaml ]", StringComparison.Ordinal);
        Assert.Equal("a\n\tb\n", Kinds.Read(text).Spec.Description);
    }

    [Fact]
    public void Read_LongLine_IsUnderstood() =>
        Assert.Equal(900_000, Kinds.Read(Kinds.With("One storefront", new string('x', 900_000 - 36))).Spec.Description!.Length);

    [Fact]
    public void ReadFile_GoodFile_IsTheSameAsItsText()
    {
        var path = Path.Combine(directory, "drill.yaml");
        File.WriteAllText(path, Kinds.Storefront);
        Assert.Equal(Kinds.Reader.Read(Kinds.Storefront, path).Origin, Kinds.Reader.ReadFile(path).Origin);
    }

    [Fact]
    public void ReadFile_FileThatCannotBeRead_SaysWhy()
    {
        Assert.Equal(("CD1001", "there is no such file"), Refusal(Path.Combine(directory, "missing.yaml")));
        Assert.Equal(("CD1001", "there is no such file"), Refusal(Path.Combine(directory, "no", "such", "directory.yaml")));
        Assert.Equal(("CD1001", "this is a directory"), Refusal(directory));
        Assert.Equal("CD1001", Refusal("").Code);
        Assert.Equal("CD1001", Refusal("a\0b").Code);
        Assert.Equal("CD1001", Refusal(new string('x', 5000)).Code);
    }

    [Fact]
    public void ReadFile_FileWithoutRights_SaysSo()
    {
        Assert.SkipWhen(Environment.IsPrivilegedProcess || OperatingSystem.IsWindows(), "root may read everything");
        var path = Path.Combine(directory, "secret.yaml");
        File.WriteAllText(path, Kinds.Storefront);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.None);
        }

        Assert.Equal(("CD1001", "this file may not be read by the present user"), Refusal(path));
    }

    [Fact]
    public void ReadFile_FiftyMegabytes_AreRefusedUnread()
    {
        var path = Path.Combine(directory, "large.yaml");
        using (var file = File.Create(path))
        {
            file.SetLength(50_000_000);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(("CD1002", "the file is too large: 50000000 bytes, and a scenario may have 1048576"), Refusal(path));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1_000_000);
    }

    [Fact]
    public void ReadFile_EndlessDevice_IsRefusedAfterTheLimit()
    {
        Assert.SkipUnless(File.Exists("/dev/zero"), "there is no /dev/zero");
        Assert.Equal("CD1002", Refusal("/dev/zero").Code);
        var link = Path.Combine(directory, "link.yaml");
        File.CreateSymbolicLink(link, "/dev/zero");
        Assert.Equal("CD1002", Refusal(link).Code);
        Assert.Equal("CD1005", Refusal("/dev/null").Code);
    }

    [Fact]
    public void ReadFile_OtherEncodings_AreRefusedWithTheirPlace()
    {
        var path = Path.Combine(directory, "drill.yaml");
        File.WriteAllBytes(path, [.. "a: 1\nb: caf"u8, 0xe9, .. "\n"u8]);
        Assert.Equal($"{path}:2:7 CD1003 the file is not UTF-8 text; save it as UTF-8", Assert.Throws<ScenarioException>(() => Kinds.Reader.ReadFile(path)).Message);
        File.WriteAllText(path, Kinds.Storefront, Encoding.Unicode);
        Assert.Equal(("CD1003", "the file is UTF-16"), Refusal(path));
        File.WriteAllBytes(path, [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0]);
        Assert.Equal("CD1004", Refusal(path).Code);
    }

    private static (string Code, string Message) Refusal(string path)
    {
        var error = Assert.Single(Assert.Throws<ScenarioException>(() => Kinds.Reader.ReadFile(path)).Errors);
        Assert.NotEmpty(error.Mend);
        return (error.Code, error.Message);
    }
}
