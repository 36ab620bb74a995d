namespace ChaosDrill.Commands;

/// <summary>For whom a command prints.</summary>
internal enum OutputForm
{
    /// <summary>For people.</summary>
    Text,

    /// <summary>For programs: standard output is one JSON document.</summary>
    Json,

    /// <summary>For spreadsheets: standard output is one table of comma-separated values.</summary>
    Csv,
}
