namespace ChaosDrill.Actions;

internal static class Placeholder { }
