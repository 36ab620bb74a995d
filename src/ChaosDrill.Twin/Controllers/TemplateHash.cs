using System.Text.Json.Nodes;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Controllers;

/// <summary>The pod-template-hash: FNV-1a over the template, written in the alphabet of safe names. Equal templates give equal hashes; the value is not Kubernetes' own.</summary>
internal static class TemplateHash
{
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";

    public static string Of(JsonObject template, long collisions)
    {
        var hash = 2166136261u;
        foreach (var octet in StoredObject.Serialize(template))
        {
            hash = (hash ^ octet) * 16777619u;
        }

        hash ^= (uint)collisions * 2654435761u;
        return string.Concat(hash.ToString(System.Globalization.CultureInfo.InvariantCulture).Select(c => Alphabet[c % Alphabet.Length]));
    }
}
