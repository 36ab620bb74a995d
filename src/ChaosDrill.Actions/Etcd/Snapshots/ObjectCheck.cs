using System.Text;
using ChaosDrill.Actions.Etcd.Client;

namespace ChaosDrill.Actions.Etcd.Snapshots;

/// <summary>Holds Kubernetes objects against the keys that they lie under.</summary>
internal sealed class ObjectCheck
{
    private const string Registry = "/registry/";
    private const int MostMisfits = 1000;

    private readonly byte[] _registry = Encoding.UTF8.GetBytes(Registry);
    private readonly Dictionary<string, string> _kinds = [];
    private readonly Dictionary<UInt128, string> _misfits = [];

    /// <summary>The first keys whose value, once at least, was not the object that they say, and why.</summary>
    public IReadOnlyDictionary<UInt128, string> Misfits => _misfits;

    /// <summary>Looks at one.</summary>
    /// <param name="key">Key and value.</param>
    /// <param name="prefix">Its prefix.</param>
    /// <param name="id">By which it is remembered when it does not fit.</param>
    /// <returns>How the object is written, and what can be told of it.</returns>
    public (ValueForm Form, KubernetesValue? Value) Take(in KeyValue key, string prefix, UInt128 id)
    {
        if (!key.Key.StartsWith(_registry))
        {
            return (ValueForm.None, null);
        }

        var value = KubernetesValue.Read(key.Value);
        if (Misfit(key, prefix, value) is not { } why)
        {
            return (value!.Form, value);
        }

        if (_misfits.Count < MostMisfits)
        {
            _misfits[id] = $"{Encoding.UTF8.GetString(key.Key)}: {why}";
        }

        return (ValueForm.Misfit, value);
    }

    /// <summary>Why a value cannot be the object of its key; null when it can.</summary>
    private string? Misfit(in KeyValue key, string prefix, KubernetesValue? value)
    {
        if (value is null)
        {
            return "its value is neither protobuf, nor JSON, nor encrypted";
        }

        if (value.Form == ValueForm.Encrypted)
        {
            return null;
        }

        // Under one prefix lie objects of one kind, whatever the resource is called.
        if (!_kinds.TryGetValue(prefix, out var kind))
        {
            _kinds[prefix] = kind = value.Kind!;
        }

        if (kind != value.Kind)
        {
            return $"it is of kind {value.Kind}, where others are of kind {kind}";
        }

        var path = key.Key[Math.Min(prefix.Length, key.Key.Length)..].TrimEnd((byte)'/');
        var slash = path.LastIndexOf((byte)'/');
        var above = slash < 0 ? [] : path[..slash].TrimEnd((byte)'/');
        return path.Length > 0 && value.Name is { } name && !Is(path[(slash + 1)..], name) ? $"its object is called {name}"
            : above.Length > 0 && value.Namespace is { } ns && !Is(above[(above.LastIndexOf((byte)'/') + 1)..], ns) ? $"its object is in namespace {ns}"
            : null;

        static bool Is(ReadOnlySpan<byte> segment, string text) => segment.Length == Encoding.UTF8.GetByteCount(text) && Encoding.UTF8.GetString(segment) == text;
    }
}
