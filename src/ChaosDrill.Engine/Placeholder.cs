namespace ChaosDrill.Engine;

internal static class Placeholder { }
