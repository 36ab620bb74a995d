using ChaosDrill.Engine.Scenarios;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace ChaosDrill.Engine.Tests.Scenarios;

/// <summary>Whatever stands in a file, reading it gives a scenario or a <see cref="ScenarioException"/> with a place and a mend.</summary>
public sealed class ReaderProperties
{
    private const string Spice = "[]{}:,-?&*!|>'\"%@`# \t\n\r~0123abc<=./\\\u0085\u00a0\u2028é😀\0\u007f";

    private static readonly Gen<string> Fragment = Gen.Elements(
        "- ", ": ", "{", "}", "[", "]", "<<: ", "*a", "&a ", "!!str ", "null", "~", "true", "3", "3.5", "30s", "99%", "\"", "'", "|\n  ", ">-\n ",
        "---\n", "...\n", "\n", "\r\n", "\t", "  ", "#", "probe", "storefront", "deployment/", "? ", "%YAML 1.2\n", "0x", ".inf", "99999999999999999999");

    [Fact]
    public void ReadFile_RandomBytes_GivesNothingButScenarioOrException()
    {
        var path = Path.GetTempFileName();
        try
        {
            Check.One(Thorough(500), Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes =>
            {
                File.WriteAllBytes(path, bytes);
                return IsOrderly(() => Kinds.Reader.ReadFile(path), null);
            }));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Read_RandomText_GivesNothingButScenarioOrException()
    {
        var characters = Gen.Elements(Spice.ToCharArray()).ArrayOf().Select(c => new string(c));
        var fragments = Fragment.ArrayOf().Select(string.Concat);
        Check.One(Thorough(3000), Prop.ForAll(Gen.OneOf(characters, fragments).ToArbitrary(), text => IsOrderly(() => Kinds.Read(text), text)));
    }

    [Fact]
    public void Read_MutatedScenario_GivesNothingButScenarioOrException()
    {
        var place = Gen.Choose(0, Kinds.Storefront.Length - 1);
        var mutation = Gen.Choose(0, 4).SelectMany(kind => place.SelectMany(at => Gen.Choose(0, 40).SelectMany(length => Fragment.Select(f => (kind, at, length, f)))));
        Check.One(Thorough(3000), Prop.ForAll(mutation.NonEmptyListOf().Select(m => m.Take(6).Aggregate(Kinds.Storefront, Mutate)).ToArbitrary(), text => IsOrderly(() => Kinds.Read(text), text)));
    }

    private static string Mutate(string text, (int Kind, int At, int Length, string Fragment) mutation)
    {
        var at = Math.Min(mutation.At, text.Length);
        var end = Math.Min(at + mutation.Length, text.Length);
        return mutation.Kind switch
        {
            0 => text.Remove(at, end - at),
            1 => text.Insert(at, mutation.Fragment),
            2 => string.Concat(text.AsSpan(0, at), mutation.Fragment, text.AsSpan(end)),
            3 => text.Insert(at, text[at..end]),
            _ => string.Concat(text.AsSpan(0, at), Spice.AsSpan(mutation.Length % Spice.Length, 1), text.AsSpan(Math.Min(at + 1, text.Length))),
        };
    }

    private static bool IsOrderly(Action read, string? text)
    {
        try
        {
            read();
            if (text is not null)
            {
                Assert.Empty(SchemaTests.Broken(text));
            }
        }
        catch (ScenarioException refused)
        {
            Assert.NotEmpty(refused.Errors);
            Assert.All(refused.Errors, e =>
            {
                Assert.Matches("^CD1[0-9]{3}$", e.Code);
                Assert.True(e.Source.Line >= 1 && e.Source.Column >= 1, e.ToString());
                Assert.NotEmpty(e.Message);
                Assert.NotEmpty(e.Mend);
            });
            Assert.DoesNotContain(refused.Message, c => char.IsControl(c) && c != '\n');
            Assert.True(refused.Errors.Zip(refused.Errors.Skip(1)).All(p => (p.First.Source.Line, p.First.Source.Column).CompareTo((p.Second.Source.Line, p.Second.Source.Column)) <= 0));
        }

        return true;
    }

    private static Config Thorough(int tests) => Config.QuickThrowOnFailure.WithMaxTest(tests);
}
