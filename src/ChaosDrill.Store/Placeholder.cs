namespace ChaosDrill.Store;

internal static class Placeholder { }
