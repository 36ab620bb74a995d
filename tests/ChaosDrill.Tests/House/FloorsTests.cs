using System.Xml.Linq;

namespace ChaosDrill.Tests.House;

/// <summary>The house stands as docs/architecture.md draws it: no room reaches up, and none reaches across.</summary>
public sealed class FloorsTests
{
    private static readonly Dictionary<string, string[]> Floors = new()
    {
        ["ChaosDrill.Model"] = [],
        ["ChaosDrill.Kubernetes"] = [],
        ["ChaosDrill.Twin"] = [],
        ["ChaosDrill.Engine"] = ["ChaosDrill.Model"],
        ["ChaosDrill.Actions"] = ["ChaosDrill.Engine", "ChaosDrill.Kubernetes"],
        ["ChaosDrill.Store"] = ["ChaosDrill.Engine", "ChaosDrill.Model"],
        ["ChaosDrill.Reports"] = ["ChaosDrill.Model"],
        ["ChaosDrill"] = ["ChaosDrill.Actions", "ChaosDrill.Reports", "ChaosDrill.Store", "ChaosDrill.Twin"],
    };

    public static TheoryData<string> Rooms => [.. Directory.EnumerateDirectories(Repository.Path("src")).Select(d => Path.GetFileName(d)!).Order()];

    [Theory]
    [MemberData(nameof(Rooms))]
    public void Room_References_OnlyWhatItsFloorAllows(string room)
    {
        Assert.True(Floors.TryGetValue(room, out var allowed), $"{room} has no floor: draw it in docs/architecture.md and add it here");
        var project = XDocument.Load(Repository.Path("src", room, room + ".csproj"));
        var referenced = project.Descendants("ProjectReference")
            .Select(r => Path.GetFileNameWithoutExtension(((string)r.Attribute("Include")!).Replace('\\', '/')));
        Assert.Empty(referenced.Except(allowed!));
    }

    [Fact]
    public void Model_References_NoPackage()
    {
        var project = XDocument.Load(Repository.Path("src", "ChaosDrill.Model", "ChaosDrill.Model.csproj"));
        Assert.Empty(project.Descendants("PackageReference"));
    }

    [Fact]
    public void Rooms_AreAllThere()
    {
        Assert.Equal(Floors.Keys.Order(), Rooms.Select(r => r.Data).Order());
    }
}
