namespace ChaosDrill.Model.Scenarios;

/// <summary>What becomes of a query that gives several series.</summary>
public enum SeriesRule
{
    /// <summary>It must give one; with several nothing is known.</summary>
    One,

    /// <summary>Each of them is judged, and the worst counts.</summary>
    All,

    /// <summary>One that is as it must be is enough.</summary>
    Any,

    /// <summary>Their sum is judged.</summary>
    Sum,
}
