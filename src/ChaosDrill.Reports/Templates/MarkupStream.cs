using System.Diagnostics.CodeAnalysis;
using HandlebarsDotNet;
using HandlebarsDotNet.IO;

namespace ChaosDrill.Reports.Templates;

/// <summary>HTML of megabytes that ChaosDrill makes, in which texts of the drill are encoded already: written straight into the document.</summary>
/// <remarks>A template can do nothing with it but write it; it has no public member to reach.</remarks>
internal sealed class MarkupStream(Action<TextWriter> write)
{
    /// <summary>Writes it.</summary>
    internal void WriteTo(TextWriter document) => write(document);

    /// <summary>How the template engine writes it.</summary>
    internal sealed class Formatter : IFormatter, IFormatterProvider
    {
        public bool TryCreateFormatter(Type type, [MaybeNullWhen(false)] out IFormatter formatter)
        {
            formatter = type == typeof(MarkupStream) ? this : null;
            return formatter is not null;
        }

        public void Format<T>(T value, in EncodedTextWriter writer)
        {
            if (value is MarkupStream stream)
            {
                using var document = writer.CreateWrapper();
                stream.WriteTo(document);
            }
        }
    }
}
