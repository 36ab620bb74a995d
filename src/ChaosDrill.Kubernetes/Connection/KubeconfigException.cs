namespace ChaosDrill.Kubernetes;

/// <summary>A kubeconfig, or what it points to, cannot be used. The message says what, where and how to mend it; it carries no credentials.</summary>
public sealed class KubeconfigException : Exception
{
    /// <summary>Makes one.</summary>
    /// <param name="message">What, where and how to mend it.</param>
    /// <param name="inner">What led to it.</param>
    public KubeconfigException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
