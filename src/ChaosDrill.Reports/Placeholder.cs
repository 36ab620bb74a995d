namespace ChaosDrill.Reports;

internal static class Placeholder { }
