namespace ChaosDrill.Store;

/// <summary>Whether a drill is over.</summary>
public enum DrillState
{
    /// <summary>Its last word is written.</summary>
    Ended,

    /// <summary>Its process lives.</summary>
    Running,

    /// <summary>Its process died before it wrote a last word.</summary>
    Crashed,

    /// <summary>It has no last word, and its process ran where this one cannot look: on another host.</summary>
    Unknown,
}
