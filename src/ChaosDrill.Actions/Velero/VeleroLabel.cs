using System.Security.Cryptography;
using System.Text;

namespace ChaosDrill.Actions.Velero;

/// <summary>Names as values of labels, as Velero writes them: a name of more than 63 characters is cut and hashed.</summary>
internal static class VeleroLabel
{
    public static string Of(string name) => name.Length <= 63 ? name : name[..57] + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..6];
}
