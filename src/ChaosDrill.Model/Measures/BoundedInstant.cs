namespace ChaosDrill.Model.Measures;

/// <summary>An instant that is known only to lie between two bounds.</summary>
/// <param name="At">The instant as it was observed; also the latest it can have been.</param>
/// <param name="Earliest">The earliest it can have been.</param>
internal readonly record struct BoundedInstant(TimeSpan At, TimeSpan Earliest)
{
    public static BoundedInstant Exact(TimeSpan at) => new(at, at);
}
