namespace ChaosDrill.Model;

internal static class Placeholder { }
