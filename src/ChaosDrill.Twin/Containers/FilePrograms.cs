using System.Security.Cryptography;
using System.Text;

namespace ChaosDrill.Twin.Containers;

/// <summary>The programs that read and write files, with the messages of BusyBox. Only volumes of claims can be written to.</summary>
internal static class FilePrograms
{
    /// <summary><c>cat [FILE...]</c>.</summary>
    public static async Task<int> CatAsync(Process process, string[] files)
    {
        var code = 0;
        foreach (var file in files.Length == 0 ? ["-"] : files)
        {
            if (file == "-")
            {
                process.Output(await InputAsync(process));
            }
            else if (Files.Read(process, file) is { } content)
            {
                process.Output(content);
            }
            else
            {
                code = process.Complain($"cat: can't open '{file}': No such file or directory");
            }
        }

        return code;
    }

    /// <summary><c>dd of=FILE [conv=fsync]</c>: its input into a file.</summary>
    public static async Task<int> CopyAsync(Process process, string[] words)
    {
        if (words is not ([['o', 'f', '=', ..]] or [['o', 'f', '=', ..], "conv=fsync"]))
        {
            return process.Complain("dd: the twin's dd knows of=FILE conv=fsync");
        }

        var input = await InputAsync(process);
        return Files.Write(process, words[0][3..], Encoding.UTF8.GetString(input.Span)) ? process.Complain($"{input.Length} bytes copied", 0)
            : process.Complain($"dd: can't open '{words[0][3..]}': Read-only file system");
    }

    /// <summary><c>rm [-f] FILE...</c>.</summary>
    public static int Remove(Process process, string[] words)
    {
        var force = words is ["-f", ..];
        var code = 0;
        foreach (var file in force ? words[1..] : words)
        {
            if (Files.Read(process, file) is null)
            {
                code = force ? code : process.Complain($"rm: can't remove '{file}': No such file or directory");
            }
            else if (!Files.Write(process, file, null))
            {
                code = process.Complain($"rm: can't remove '{file}': Read-only file system");
            }
        }

        return code;
    }

    /// <summary><c>sha256sum FILE...</c>.</summary>
    public static int Sum(Process process, string[] files)
    {
        var code = 0;
        foreach (var file in files)
        {
            if (Files.Read(process, file) is { } content)
            {
                process.Print($"{Convert.ToHexStringLower(SHA256.HashData(content.Span))}  {file}\n");
            }
            else
            {
                code = process.Complain($"sha256sum: can't open '{file}': No such file or directory");
            }
        }

        return code;
    }

    /// <summary><c>wc -l FILE</c>: how many lines.</summary>
    public static int Count(Process process, string[] words)
    {
        if (words is not ["-l", var file])
        {
            return process.Complain("wc: the twin's wc knows -l FILE");
        }

        if (Files.Read(process, file) is not { } content)
        {
            return process.Complain($"wc: {file}: No such file or directory");
        }

        process.Print($"{content.Span.Count((byte)'\n')} {file}\n");
        return 0;
    }

    private static async Task<ReadOnlyMemory<byte>> InputAsync(Process process)
    {
        var all = new List<byte>();
        while (await process.ReadAsync() is { } piece)
        {
            all.AddRange(piece.Span);
        }

        return all.ToArray();
    }
}
