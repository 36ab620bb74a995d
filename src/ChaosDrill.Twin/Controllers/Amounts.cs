using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;

namespace ChaosDrill.Twin.Controllers;

/// <summary>Fields that are a number or a percentage.</summary>
internal static class Amounts
{
    /// <summary>The number that is meant; 0 for what is neither.</summary>
    /// <param name="value">A number, or a string like <c>25%</c>.</param>
    /// <param name="total">What a percentage is of.</param>
    /// <param name="roundUp">Which way a fraction goes.</param>
    public static long Resolve(JsonNode? value, long total, bool roundUp)
    {
        if (value.AsInt() is { } number)
        {
            return number;
        }

        return value.AsStr() is { } text && text.EndsWith('%') && long.TryParse(text[..^1], out var percent)
            ? (total * percent + (roundUp ? 99 : 0)) / 100
            : 0;
    }
}
