using ChaosDrill.Kubernetes;

namespace ChaosDrill.Hosting;

/// <summary>Prints a report's page to PDF with a Chromium that is installed.</summary>
internal static class Printing
{
    /// <summary>The variable that names the browser when it is not in PATH.</summary>
    private const string Variable = "CHAOSDRILL_CHROMIUM";

    private static readonly string[] Browsers = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge"];

    /// <summary>Finds the browser before anything is written that would be printed with it.</summary>
    /// <exception cref="CommandException">There is none.</exception>
    public static string Browser()
    {
        var named = Environment.GetEnvironmentVariable(Variable);
        var found = string.IsNullOrEmpty(named) ? Browsers.Select(ProgramPath.Find).FirstOrDefault(p => p is not null) : ProgramPath.Find(named);
        return found ?? throw new CommandException(
            ExitCode.BadUsage,
            string.IsNullOrEmpty(named)
                ? $"a PDF is printed by Chromium, and none is in PATH (looked for {string.Join(", ", Browsers)}); install it (Debian: apt-get install chromium), name one with ${Variable}, or print the page from a browser"
                : $"${Variable} names {named}, which is no program that can be started");
    }

    /// <summary>Prints a page.</summary>
    /// <returns>Path of the PDF, beside the page.</returns>
    /// <exception cref="CommandException">The browser failed.</exception>
    public static async Task<string> PrintAsync(string browser, string page, CancellationToken cancellationToken)
    {
        var file = Path.ChangeExtension(Path.GetFullPath(page), ".pdf");
        var profile = Directory.CreateTempSubdirectory("chaosdrill-print");
        try
        {
            File.Delete(file);
            var result = await RunningProgram.RunAsync(
                new ProgramCall
                {
                    Program = browser,
                    Arguments =
                    [
                        "--headless", "--disable-gpu", "--no-first-run", "--disable-extensions", "--no-pdf-header-footer", $"--user-data-dir={profile.FullName}",

                        // Its sandbox does not work for root; the page has no script and asks for nothing.
                        .. Environment.UserName == "root" ? ["--no-sandbox"] : Array.Empty<string>(),
                        $"--print-to-pdf={file}", new Uri(Path.GetFullPath(page)).AbsoluteUri,
                    ],
                },
                SystemClock.Instance, cancellationToken);
            return result.ExitCode == 0 && File.Exists(file) ? file : throw new CommandException(
                ExitCode.BadUsage, $"{browser} did not print {page}: {(result.ExitCode is null ? "it took longer than a minute" : Last(result.Errors))}");
        }
        catch (Exception e) when (e is ProgramException or IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.BadUsage, $"{page} could not be printed with {browser}: {e.Message}", e);
        }
        finally
        {
            profile.Delete(recursive: true);
        }
    }

    private static string Last(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is [.., var last] ? last : "it said nothing";
}
