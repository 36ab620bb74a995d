using System.Globalization;
using ChaosDrill.Actions.Restores.RestoredChecks;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Plans;

namespace ChaosDrill.Actions.Velero;

/// <summary>Puts a scenario's questions to what was restored.</summary>
/// <param name="client">Asks.</param>
/// <param name="ns">The namespace that was restored to.</param>
internal sealed class CheckRun(KubernetesClient client, string ns)
{
    /// <summary>Rights that checks need; the namespace is null where its name is not known before.</summary>
    public static IEnumerable<AccessNeed> Needs(IReadOnlyList<RestoredCheck> checks, string? ns)
    {
        if (checks.Any(c => c.Exec is not null || c.Checksum is not null || c.Http?.From is not null))
        {
            foreach (var need in NeedsToRun(ns, "look into restored pods"))
            {
                yield return need;
            }
        }

        foreach (var http in checks.Select(c => c.Http).OfType<ServiceCheck>().Where(h => h.From is null).DistinctBy(h => $"{h.Service}:{h.Port}"))
        {
            yield return new AccessNeed("get", "", "services/proxy", ns, "ask restored services", $"{http.Service}:{http.Port}");
        }
    }

    /// <summary>Rights to run commands in pods.</summary>
    public static IEnumerable<AccessNeed> NeedsToRun(string? ns, string why) =>
        [new("list", "", "pods", ns, why), .. new[] { "get", "create" }.Select(verb => new AccessNeed(verb, "", "pods/exec", ns, why))];

    /// <summary>Whether a check holds, null when it could not be asked; and what was seen.</summary>
    public async Task<(bool? Held, string Evidence)> AskAsync(RestoredCheck check, CancellationToken cancellationToken) => check switch
    {
        { Exec: { } exec } => OfCommand(exec, await new PodCommand(exec.Selector, exec.Container, exec.Command) { Limit = exec.Timeout }.RunAsync(client, ns, cancellationToken)),
        { Checksum: { } file } => OfFile(file.Sha256, await new PodCommand(file.Selector, file.Container, "sha256sum", file.File).RunAsync(client, ns, cancellationToken)),
        { Http: { From: { } from } http } => OfPage(http, await new PodCommand(from, null, "wget", "-q", "-T", "10", "-O", "-", $"http://{http.Service}:{http.Port}{http.Path}").RunAsync(client, ns, cancellationToken)),
        { Http: { } http } => await ThroughServerAsync(http, cancellationToken),
        _ => throw new ArgumentOutOfRangeException(nameof(check), check.Name),
    };

    /// <summary>What <c>sha256sum</c> says of a file.</summary>
    public static (bool? Held, string Evidence) OfFile(string sha256, PodAnswer answer) => answer switch
    {
        { Trouble: { } trouble } => (null, trouble),
        { ExitCode: not 0 } => (false, answer.Ending),
        _ when answer.Output.StartsWith(sha256, StringComparison.OrdinalIgnoreCase) => (true, "the bytes are the same, by their SHA-256"),
        _ => (false, $"its SHA-256 is {answer.Output.Split(' ')[0]}, not {sha256}"),
    };

    private static (bool? Held, string Evidence) OfCommand(CommandCheck asked, PodAnswer answer)
    {
        if (answer.Trouble is { } trouble)
        {
            return (null, trouble);
        }

        if (answer.ExitCode != 0)
        {
            return (false, answer.Ending);
        }

        var printed = answer.Output.Trim();
        var isNumber = long.TryParse(printed, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number);
        var shown = isNumber ? $"it prints {number}" : printed.Length == 0 ? "it prints nothing" : $"it prints {printed.Length} characters that are not shown";
        return asked switch
        {
            { AtLeast: { } least } => isNumber ? (number >= least, $"{shown}, at least {least} is asked for") : (null, $"{shown}, and no number"),
            { EqualTo: { } text } => (printed == text.Trim(), printed == text.Trim() ? "it prints what is asked for" : $"{shown}, and not what is asked for"),
            _ => (true, answer.Ending),
        };
    }

    private static (bool? Held, string Evidence) OfPage(ServiceCheck asked, PodAnswer answer) => answer switch
    {
        { Trouble: { } trouble } => (null, trouble),
        { ExitCode: not 0 } => (false, answer.Ending),
        _ => OfBody(asked, answer.Output),
    };

    private static (bool? Held, string Evidence) OfBody(ServiceCheck asked, string body) =>
        asked.Contains is { } text && !body.Contains(text, StringComparison.Ordinal) ? (false, "it answers, but without the text that is asked for") : (true, "it answers");

    private async Task<(bool? Held, string Evidence)> ThroughServerAsync(ServiceCheck asked, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await client.ProxyServiceAsync(ns, asked.Service, asked.Port.ToString(CultureInfo.InvariantCulture), asked.Path, cancellationToken: cancellationToken);
            var message = answer.Failure?.Message ?? answer.Body;
            return answer switch
            {
                { FromApiServer: false, StatusCode: >= 200 and < 400 } => OfBody(asked, answer.Body),
                { FromApiServer: false } => (false, $"HTTP {answer.StatusCode}"),
                { StatusCode: 404 } => (false, message),
                _ when message.Contains("no endpoints available", StringComparison.Ordinal) => (false, message),
                _ => (null, $"HTTP {answer.StatusCode}: {message}; the closed namespace may keep the API server out: ask from inside a pod, with from: SELECTOR"),
            };
        }
        catch (Exception e) when (e is ApiException or ApiUnreachableException)
        {
            return (null, e.Message);
        }
    }
}
