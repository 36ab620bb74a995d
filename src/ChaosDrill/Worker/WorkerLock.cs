using System.Text;

namespace ChaosDrill.Worker;

/// <summary>Keeps a second worker from a store in a file. The operating system gives it back when the process dies.</summary>
internal sealed class WorkerLock : IDisposable
{
    private readonly FileStream _file;

    private WorkerLock(FileStream file) => _file = file;

    /// <summary>Takes the lock.</summary>
    /// <exception cref="CommandException">Another worker has it, or the file cannot be made.</exception>
    public static WorkerLock Take(string store)
    {
        var path = store + ".worker";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            try
            {
                file.SetLength(0);
                file.Write(Encoding.ASCII.GetBytes($"{Environment.ProcessId}\n"));
                file.Flush();
            }
            catch (IOException)
            {
                // The lock is what counts; the number is for people, and the disk may be full.
            }

            return new WorkerLock(file);
        }
        catch (IOException e) when (File.Exists(path) && e is not FileNotFoundException)
        {
            throw new CommandException(
                ExitCode.Refused, $"another worker runs on the store {store} ({path} is locked). One file has one worker; name another with --store", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.Refused, $"the worker's lock {path} cannot be made: {e.Message.TrimEnd('.')}", e);
        }
    }

    /// <inheritdoc />
    public void Dispose() => _file.Dispose();
}
