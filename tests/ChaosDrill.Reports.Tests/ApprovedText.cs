using Xunit;

namespace ChaosDrill.Reports.Tests;

/// <summary>Compares a document with the text that somebody has read and approved.</summary>
internal static class ApprovedText
{
    /// <summary>Fails when the document differs; what came instead is written beside the tests, to be read and copied over.</summary>
    public static void Matches(string name, string text)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "Approved");
        var approved = Path.Combine(folder, name);
        var expected = File.Exists(approved) ? File.ReadAllText(approved) : "";
        if (expected != text)
        {
            var received = approved + ".received";
            Directory.CreateDirectory(folder);
            File.WriteAllText(received, text);
            Assert.Fail($"{name} is not as approved. Read {received}; if it is right, copy it to tests/ChaosDrill.Reports.Tests/Approved/{name}.");
        }
    }
}
