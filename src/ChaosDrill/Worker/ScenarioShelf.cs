using System.Security.Cryptography;
using System.Text;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Engine.Scenarios;
using ChaosDrill.Hosting;
using ChaosDrill.Model.Scenarios;
using ChaosDrill.Store;

namespace ChaosDrill.Worker;

/// <summary>
/// The scenarios of some folders. A file that has become bad is reported, and its last good version stays in force, also
/// over a restart; a folder that cannot be read changes nothing.
/// </summary>
/// <remarks>
/// Files are looked at again and again rather than waited for: that works on every file system, mounted ConfigMaps
/// included. <see cref="Look"/> is called by one at a time; the rest is thread-safe.
/// </remarks>
internal sealed class ScenarioShelf(IReadOnlyList<string> folders, FiringLedger ledger, WorkerLog log, string set = Firing.UsualSet)
{
    private readonly Dictionary<string, Book> _books = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _silent = new(StringComparer.Ordinal);

    /// <summary>The good scenarios, by name.</summary>
    public IReadOnlyDictionary<string, Scenario> Scenarios { get; private set; } = new Dictionary<string, Scenario>();

    /// <summary>Files that are not as they should be, and why.</summary>
    public IReadOnlyDictionary<string, string> Troubles { get; private set; } = new Dictionary<string, string>();

    /// <summary>Tells these scenarios from others; empty before the first look.</summary>
    public string Digest { get; private set; } = "";

    /// <summary>Looks at every file that has changed.</summary>
    /// <returns>Whether the scenarios are others than before.</returns>
    public bool Look()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        List<(string File, string Stamp)> changed = [];
        foreach (var folder in folders)
        {
            try
            {
                foreach (var file in Directory.EnumerateFiles(folder).Where(IsYaml).Select(Path.GetFullPath).Order(StringComparer.Ordinal))
                {
                    seen.Add(file);
                    var stamp = Stamp(file);
                    if (stamp is not null && (!_books.TryGetValue(file, out var known) || known.Stamp != stamp))
                    {
                        changed.Add((file, stamp));
                    }
                }

                Heard(folder);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Not gone, only out of sight: what is known of this folder stays.
                Trouble(folder, $"the folder cannot be read, its scenarios stay as they are: {e.Message}");
                seen.UnionWith(_books.Keys.Where(f => Path.GetDirectoryName(f) == Path.GetFullPath(folder)));
            }
        }

        var gone = _books.Keys.Where(f => !seen.Contains(f)).ToList();
        foreach (var file in gone)
        {
            _books.Remove(file);
            Heard(file);
            log.Info("scenario file is gone", ("file", file));
        }

        // On every core: a worker that starts has all of them to read.
        List<Book> read = [.. changed.AsParallel().AsOrdered().Select(c => (c.File, c.Stamp, Good: TryRead(c.File, out var trouble), Trouble: trouble)).ToList()
            .Select(c => Take(c.File, c.Stamp, c.Good, c.Trouble))];
        foreach (var book in read)
        {
            _books[book.File] = book;
        }

        if (changed.Count == 0 && gone.Count == 0)
        {
            return false;
        }

        Keep(read, gone);
        Arrange();
        return true;
    }

    private static bool IsYaml(string file) => Path.GetExtension(file) is ".yaml" or ".yml";

    // A mounted ConfigMap is a chain of links whose last target gets a new path with every change.
    private static string? Stamp(string file)
    {
        try
        {
            var target = new FileInfo(file).ResolveLinkTarget(returnFinalTarget: true) is FileInfo end ? end : new FileInfo(file);
            return target.Exists ? $"{target.FullName}|{target.Length}|{target.LastWriteTimeUtc.Ticks}" : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static Scenario? TryRead(string file, out string trouble)
    {
        try
        {
            trouble = "";
            return Vocabulary.ReadScenario(file);
        }
        catch (ScenarioException e)
        {
            trouble = e.Message.ReplaceLineEndings("; ");
            return null;
        }
    }

    private Book Take(string file, string stamp, Scenario? good, string trouble)
    {
        if (good is not null)
        {
            Heard(file);
            return new Book(file, stamp, good, IsNew: true);
        }

        var lastGood = _books.GetValueOrDefault(file)?.Scenario ?? Kept(file);
        Trouble(file, $"{trouble}; {(lastGood is null ? "it is left out until it is mended" : "its last good version stays in force")}");
        return new Book(file, stamp, lastGood, IsNew: false);
    }

    private Scenario? Kept(string file)
    {
        try
        {
            return ledger.Kept(KeptAs(file)) is { } text ? Vocabulary.Reader.Read(text, file) : null;
        }
        catch (Exception e) when (e is ScenarioException or JournalException)
        {
            return null;
        }
    }

    // Pods of several sets may see their own files at one path.
    private string KeptAs(string file) => set == Firing.UsualSet ? file : $"{set}:{file}";

    private void Keep(List<Book> read, List<string> gone)
    {
        try
        {
            ledger.Keep([.. read.Where(b => b.IsNew).Select(b => (KeptAs(b.File), b.Scenario!.Origin.Text))], [.. gone.Select(KeptAs)]);
        }
        catch (JournalException e)
        {
            log.Warn($"the scenarios are in force, but could not be kept for a restart: {e.Message}");
        }
    }

    /// <summary>By name; of two files with one name the first, by path, counts.</summary>
    private void Arrange()
    {
        var scenarios = new Dictionary<string, Scenario>(StringComparer.Ordinal);
        foreach (var (file, scenario) in _books.Values.OrderBy(b => b.File, StringComparer.Ordinal).Where(b => b.Scenario is not null).Select(b => (b.File, b.Scenario!)))
        {
            if (!scenarios.TryAdd(scenario.Metadata.Name, scenario))
            {
                Trouble(file, $"scenario {scenario.Metadata.Name} is in {scenarios[scenario.Metadata.Name].Origin.File} already; give one of them another name");
            }
        }

        Scenarios = scenarios;
        Digest = DigestOf(scenarios.Values);
        Troubles = new Dictionary<string, string>(_silent, StringComparer.Ordinal);
    }

    private static string DigestOf(IEnumerable<Scenario> scenarios)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var scenario in scenarios.OrderBy(s => s.Metadata.Name, StringComparer.Ordinal))
        {
            hash.AppendData(SHA256.HashData(Encoding.UTF8.GetBytes(scenario.Origin.Text)));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private void Trouble(string file, string trouble)
    {
        if (!_silent.TryGetValue(file, out var known) || known != trouble)
        {
            _silent[file] = trouble;
            Troubles = new Dictionary<string, string>(_silent, StringComparer.Ordinal);
            log.Warn($"bad scenario: {trouble}", ("file", file));
        }
    }

    private void Heard(string file)
    {
        if (_silent.Remove(file))
        {
            Troubles = new Dictionary<string, string>(_silent, StringComparer.Ordinal);
            log.Info("is good again", ("file", file));
        }
    }

    private sealed record Book(string File, string Stamp, Scenario? Scenario, bool IsNew);
}
