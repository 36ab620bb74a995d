using System.Buffers;
using System.Globalization;
using System.Text;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Engine.Scenarios.Yaml;

/// <summary>Reads a file as UTF-8 text and lets nothing else through. Never reads more than the limit.</summary>
internal static class TextFile
{
    /// <summary>The largest scenario, in bytes of UTF-8: 1 MiB, some thousand times the usual.</summary>
    public const int MaxBytes = 1 << 20;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="ScenarioException">The file cannot be read, is too large or is no text.</exception>
    public static string Read(string path)
    {
        var bytes = ReadBytes(path);
        RefuseOtherEncodings(bytes, path);
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw Wrong(
                ScenarioErrorCodes.NotText, FirstBadByte(bytes, path), "the file is not UTF-8 text", "save it as UTF-8");
        }
    }

    /// <summary>Refuses characters that YAML does not allow (YAML 1.2, production 1, c-printable).</summary>
    /// <exception cref="ScenarioException">There is such a character, or the text is too large.</exception>
    public static void RefuseForbiddenCharacters(string text, string file)
    {
        if (Encoding.UTF8.GetByteCount(text) > MaxBytes)
        {
            throw TooLarge(file, Encoding.UTF8.GetByteCount(text).ToString(CultureInfo.InvariantCulture) + " bytes");
        }

        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c is '\t' or '\n' or '\r' or (>= ' ' and <= '~') or '\u0085' or (>= '\u00a0' and <= '\ud7ff') or (>= '\ue000' and <= '\ufffd'))
            {
                continue;
            }

            if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
                continue;
            }

            var at = Lines.PositionAt(text, i, file);
            var name = c == '\0' ? "a NUL byte" : string.Create(CultureInfo.InvariantCulture, $"the character U+{(int)c:X4}");
            throw Wrong(ScenarioErrorCodes.ForbiddenCharacter, at, $"the file holds {name}, which YAML does not allow", "remove it");
        }
    }

    private static byte[] ReadBytes(string path)
    {
        try
        {
            if (Directory.Exists(path))
            {
                throw Unreadable(path, "this is a directory", "name a scenario file in it");
            }

            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            if (file.CanSeek && file.Length > MaxBytes)
            {
                throw TooLarge(path, file.Length.ToString(CultureInfo.InvariantCulture) + " bytes");
            }

            // A device or a pipe has no length to ask for: one byte more than allowed is enough to know.
            // Rented: a worker reads thousands of files, most of which fill a thousandth of it.
            var bytes = ArrayPool<byte>.Shared.Rent(MaxBytes + 1);
            try
            {
                var count = file.ReadAtLeast(bytes.AsSpan(0, MaxBytes + 1), MaxBytes + 1, throwOnEndOfStream: false);
                return count > MaxBytes ? throw TooLarge(path, "more") : bytes[..count];
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(bytes);
            }
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Unreadable(path, "there is no such file", "check the path; it is taken from " + Shown.Quoted(Environment.CurrentDirectory));
        }
        catch (UnauthorizedAccessException)
        {
            throw Unreadable(path, "this file may not be read by the present user", "change its owner or mode");
        }
        catch (Exception error) when (error is IOException or ArgumentException or NotSupportedException)
        {
            throw Unreadable(path, "the file cannot be read: " + error.Message, "check the path and the disk");
        }
    }

    private static void RefuseOtherEncodings(byte[] bytes, string path)
    {
        if (bytes.AsSpan().StartsWith([(byte)0xff, (byte)0xfe]) || bytes.AsSpan().StartsWith([(byte)0xfe, (byte)0xff]))
        {
            throw Wrong(ScenarioErrorCodes.NotText, new SourcePosition(path, 1, 1), "the file is UTF-16", "save it as UTF-8");
        }
    }

    private static SourcePosition FirstBadByte(byte[] bytes, string path)
    {
        var good = 0;
        while (Rune.DecodeFromUtf8(bytes.AsSpan(good), out _, out var length) == System.Buffers.OperationStatus.Done)
        {
            good += length;
        }

        var before = Strict.GetString(bytes, 0, good);
        return Lines.PositionAt(before, before.Length, path);
    }

    private static ScenarioException TooLarge(string file, string size) =>
        Wrong(
            ScenarioErrorCodes.TooLarge, new SourcePosition(file, 1, 1),
            $"the file is too large: {size}, and a scenario may have {MaxBytes}", "check that this is a scenario, or split it");

    private static ScenarioException Unreadable(string file, string message, string mend) =>
        Wrong(ScenarioErrorCodes.Unreadable, new SourcePosition(file, 1, 1), message, mend);

    private static ScenarioException Wrong(string code, SourcePosition at, string message, string mend) =>
        new([new ScenarioError(code, at, "", message, mend)]);
}
