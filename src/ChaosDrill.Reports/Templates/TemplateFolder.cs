using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using HandlebarsDotNet;

namespace ChaosDrill.Reports.Templates;

/// <summary>Where templates come from: the ones shipped beside the program, or a user's folder that replaces some or all of them.</summary>
public sealed class TemplateFolder
{
    private const string Partials = "partials";

    private const string Extension = ".hbs";

    private const int LargestTemplate = 256 * 1024;

    private readonly ConcurrentDictionary<string, HandlebarsTemplate<TextWriter, object, object>> compiled = new(StringComparer.Ordinal);
    private readonly string? own;
    private readonly string shipped;

    private TemplateFolder(string? own, string shipped)
    {
        this.own = own;
        this.shipped = shipped;
    }

    /// <summary>The shipped templates of reports.</summary>
    public static TemplateFolder Shipped { get; } = new(null, Path.Combine(AppContext.BaseDirectory, "templates"));

    /// <summary>The shipped templates of playbooks.</summary>
    public static TemplateFolder Playbooks { get; } = new(null, Path.Combine(AppContext.BaseDirectory, "playbooks"));

    /// <summary>Names of all templates, such as <c>postmortem.md.hbs</c>, in order.</summary>
    public IReadOnlyList<string> Names =>
        [.. Folders().SelectMany(f => Directory.EnumerateFiles(f, "*" + Extension)).Select(f => Path.GetFileName(f)).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>A user's folder of report templates; a template that it does not hold is the shipped one.</summary>
    /// <param name="folder">Holds files named as the shipped ones, and new partials under <c>partials/</c>.</param>
    /// <exception cref="TemplateException">There is no such folder, or it holds a template that nothing would ever use.</exception>
    public static TemplateFolder At(string folder)
    {
        RequireFolder(folder, Shipped);

        foreach (var file in Directory.EnumerateFiles(folder, "*" + Extension).Order(StringComparer.Ordinal))
        {
            if (!File.Exists(Path.Combine(Shipped.shipped, Path.GetFileName(file))))
            {
                var known = Directory.EnumerateFiles(Shipped.shipped, "*" + Extension).Select(Path.GetFileName).Order(StringComparer.Ordinal);
                throw new TemplateException($"{file}: no document is made from a template of this name. The names are {string.Join(", ", known)}.", file);
            }
        }

        return new TemplateFolder(folder, Shipped.shipped);
    }

    /// <summary>A user's folder of playbook templates; each <c>DISASTER.md.hbs</c> in it is a playbook, a new name is a new disaster.</summary>
    /// <param name="folder">What it does not hold is the shipped one.</param>
    /// <exception cref="TemplateException">There is no such folder.</exception>
    public static TemplateFolder PlaybooksAt(string folder)
    {
        RequireFolder(folder, Playbooks);
        return new TemplateFolder(folder, Playbooks.shipped);
    }

    /// <summary>SHA-256 of a template and of all partials, in lower-case hex.</summary>
    internal string DigestOf(string name)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(File.ReadAllBytes(Find(name)));
        foreach (var (partial, file) in FindPartials().OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(partial));
            hash.AppendData(File.ReadAllBytes(file));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>The file of a template such as <c>postmortem.md.hbs</c>.</summary>
    /// <exception cref="TemplateException">It is missing.</exception>
    internal string Find(string name)
    {
        foreach (var folder in Folders())
        {
            var file = Path.Combine(folder, name);
            if (File.Exists(file))
            {
                return file;
            }
        }

        throw new TemplateException($"{Path.Combine(shipped, name)}: the template is missing. Install ChaosDrill anew.", Path.Combine(shipped, name));
    }

    /// <summary>Every partial's name and file; a user's one wins over a shipped one of the same name.</summary>
    internal IReadOnlyDictionary<string, string> FindPartials()
    {
        Dictionary<string, string> found = new(StringComparer.Ordinal);
        foreach (var folder in Folders().Select(f => Path.Combine(f, Partials)).Where(Directory.Exists))
        {
            foreach (var file in Directory.EnumerateFiles(folder, "*" + Extension))
            {
                found.TryAdd(Path.GetFileNameWithoutExtension(file), file);
            }
        }

        return found;
    }

    /// <summary>A template as it was compiled first; what is changed in the folder later needs a new one of these.</summary>
    internal HandlebarsTemplate<TextWriter, object, object> Compiled(string name, Func<HandlebarsTemplate<TextWriter, object, object>> compile) =>
        compiled.GetOrAdd(name, _ => compile());

    /// <summary>Partials of the user's folder; none when there is no such folder.</summary>
    internal IReadOnlyCollection<string> OwnPartials =>
        own is not null && Directory.Exists(Path.Combine(own, Partials)) ? [.. Directory.EnumerateFiles(Path.Combine(own, Partials)).Order(StringComparer.Ordinal)] : [];

    /// <summary>Text of a template or partial.</summary>
    /// <exception cref="TemplateException">It cannot be read, or is too large.</exception>
    internal static string Read(string file)
    {
        try
        {
            var length = new FileInfo(file).Length;
            return length <= LargestTemplate
                ? File.ReadAllText(file)
                : throw new TemplateException($"{file}: the template has {length:N0} bytes; at most {LargestTemplate:N0} are allowed. Move parts of it to partials/.", file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new TemplateException($"{file}: the template cannot be read: {failure.Message}", file, inner: failure);
        }
    }

    private static void RequireFolder(string folder, TemplateFolder instead)
    {
        if (!Directory.Exists(folder))
        {
            throw new TemplateException($"{folder}: there is no such folder of templates. Copy the shipped ones from {instead.shipped} and change them.", folder);
        }
    }

    private IEnumerable<string> Folders() => own is null ? [shipped] : [own, shipped];
}
