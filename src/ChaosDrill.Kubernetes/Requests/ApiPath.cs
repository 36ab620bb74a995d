using System.Globalization;
using System.Text;

namespace ChaosDrill.Kubernetes;

/// <summary>Builds the paths of requests; nothing that was handed in can leave its segment.</summary>
internal static class ApiPath
{
    /// <summary>Checks one segment: an empty or climbing name would turn "delete this" into "delete all".</summary>
    public static string Segment(string? value, string what)
    {
        if (string.IsNullOrEmpty(value))
        {
            throw new ArgumentException($"The {what} is empty.");
        }

        if (value is "." or ".." || value.AsSpan().IndexOfAny('/', '%') >= 0)
        {
            throw new ArgumentException($"The {what} \"{value}\" cannot be part of a path: \".\", \"..\", \"/\" and \"%\" are not allowed.");
        }

        return value;
    }

    public static string Collection<T>(Resource<T> resource, string? ns)
    {
        var root = resource.Group.Length == 0 ? $"/api/{resource.Version}" : $"/apis/{resource.Group}/{resource.Version}";
        return resource.Namespaced && ns is not null
            ? $"{root}/namespaces/{Escape(ns, "namespace")}/{resource.Plural}"
            : $"{root}/{resource.Plural}";
    }

    public static string Object<T>(Resource<T> resource, string? ns, string name, string? subresource = null)
    {
        var path = $"{Collection(resource, Required(resource, ns))}/{Escape(name, "name")}";
        return subresource is null ? path : $"{path}/{Escape(subresource, "subresource")}";
    }

    public static string? Required<T>(Resource<T> resource, string? ns) =>
        resource.Namespaced && string.IsNullOrEmpty(ns) ? throw new ArgumentException($"{resource} live in namespaces: name one.") : ns;

    public static string Escape(string? value, string what) => Uri.EscapeDataString(Segment(value, what));

    /// <summary>A path that comes from outside and goes to a pod: it must not climb out of the proxy.</summary>
    public static string Inner(string path)
    {
        var end = path.AsSpan().IndexOfAny('?', '#');
        var plain = Uri.UnescapeDataString(end < 0 ? path : path[..end]);
        if (plain.Split('/', '\\').Any(segment => segment is "." or ".."))
        {
            throw new ArgumentException($"The path \"{path}\" must not contain \".\" or \"..\".");
        }

        return path.TrimStart('/');
    }
}

/// <summary>The query of a request; parts that are null or empty are left out.</summary>
internal sealed class ApiQuery
{
    private readonly StringBuilder text = new();

    public ApiQuery Add(string name, string? value) => string.IsNullOrEmpty(value) ? this : AddEvenEmpty(name, value);

    /// <summary>Adds a part whose empty value means something: an argument of a command.</summary>
    public ApiQuery AddEvenEmpty(string name, string value)
    {
        text.Append(text.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        return this;
    }

    public ApiQuery Add(string name, long? value) => Add(name, value?.ToString(CultureInfo.InvariantCulture));

    public ApiQuery Add(string name, bool value) => Add(name, value ? "true" : null);

    public ApiQuery DryRun(bool dryRun) => Add("dryRun", dryRun ? "All" : null);

    public override string ToString() => text.ToString();
}
