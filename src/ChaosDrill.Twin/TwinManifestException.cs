namespace ChaosDrill.Twin;

/// <summary>A manifest that the twin cannot use; the message says which document, which line, and what is wrong.</summary>
public sealed class TwinManifestException : Exception
{
    /// <summary>Without a message; not used by the twin.</summary>
    public TwinManifestException()
    {
    }

    /// <summary>With the message that users see.</summary>
    public TwinManifestException(string message)
        : base(message)
    {
    }

    /// <summary>With the message that users see and what led to it.</summary>
    public TwinManifestException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
