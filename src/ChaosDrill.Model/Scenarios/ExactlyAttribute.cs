namespace ChaosDrill.Model.Scenarios;

/// <summary>The only value that a scenario file may give a member, such as its <c>kind</c>.</summary>
/// <param name="value">That value.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ExactlyAttribute(string value) : Attribute
{
    /// <summary>The only value allowed.</summary>
    public string Value { get; } = value;
}
