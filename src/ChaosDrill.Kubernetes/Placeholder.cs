namespace ChaosDrill.Kubernetes;

internal static class Placeholder { }
