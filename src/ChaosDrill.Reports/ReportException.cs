namespace ChaosDrill.Reports;

/// <summary>A report cannot be written.</summary>
/// <param name="message">What could not be written, where, and how to mend it.</param>
/// <param name="inner">The cause.</param>
public sealed class ReportException(string message, Exception? inner = null) : Exception(message, inner);
