namespace ChaosDrill.Twin;

internal static class Placeholder { }
