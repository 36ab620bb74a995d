namespace ChaosDrill.Model.Scenarios;

/// <summary>
/// Marks a text that may also be written as a bare whole number, as Kubernetes' IntOrString: a port is <c>80</c> or
/// <c>http</c>. The member gets the number's digits.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class OrNumberAttribute : Attribute;
