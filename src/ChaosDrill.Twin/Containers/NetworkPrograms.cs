using System.Globalization;
using ChaosDrill.Twin.Network;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Containers;

/// <summary>The programs that speak with other pods, by the options and with the messages of BusyBox.</summary>
internal static class NetworkPrograms
{
    /// <summary>How long a connection is tried whose packets vanish, where nobody says less: Linux sends six times.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(127);

    /// <summary><c>wget [-q] [-S] [--spider] [-T SECONDS] -O -|/dev/null URL</c>.</summary>
    public static async Task<int> WgetAsync(Process process, string[] words)
    {
        var (quiet, spider, target, limit, url) = (false, false, (string?)null, (TimeSpan?)null, (string?)null);
        for (var i = 0; i < words.Length; i++)
        {
            switch (words[i])
            {
                case "-q":
                    quiet = true;
                    break;
                case "-S":
                    break;
                case "--spider":
                    spider = true;
                    break;
                case "-O" when i + 1 < words.Length:
                    target = words[++i];
                    break;
                case "-O-" or "-qO-":
                    (quiet, target) = (quiet || words[i][1] == 'q', "-");
                    break;
                case "-qO" when i + 1 < words.Length:
                    (quiet, target) = (true, words[++i]);
                    break;
                case "-T" when i + 1 < words.Length && Seconds(words[i + 1]) is { } given:
                    (limit, i) = (given, i + 1);
                    break;
                case ['-', 'T', .. var rest] when Seconds(rest) is { } given:
                    limit = given;
                    break;
                case ['-', ..]:
                    return process.Complain($"wget: unrecognized option '{words[i]}': the twin's wget knows -q -S --spider -O -T");
                default:
                    url = words[i];
                    break;
            }
        }

        if (!Uri.TryCreate(url?.Contains("://", StringComparison.Ordinal) == true ? url : $"http://{url}", UriKind.Absolute, out var address) || address.Scheme != "http")
        {
            return process.Complain($"wget: not an http or ftp url: {url}");
        }

        if (!spider && target is not ("-" or "/dev/null"))
        {
            return process.Complain($"wget: can't open '{target ?? "index.html"}': Read-only file system");
        }

        var place = $"{address.Host}:{address.Port}";
        var connection = Dial(process, address.Host, address.Port);
        if (connection.Reach != Reach.NoSuchHost && !quiet)
        {
            process.Complain($"Connecting to {address.Host} ({connection.Address}:{address.Port})");
        }

        switch (connection.Reach)
        {
            case Reach.NoSuchHost:
                return process.Complain($"wget: bad address '{place}'");
            case Reach.Refused:
                return process.Complain($"wget: can't connect to remote host ({connection.Address}): Connection refused");
            case Reach.Dropped:
                await process.Sleep(limit ?? Patience);
                return process.Complain(limit is null ? $"wget: can't connect to remote host ({connection.Address}): Operation timed out" : "wget: download timed out");
        }

        var answer = DataPlane.Ask(connection.Pod!, "GET", address.PathAndQuery)!;
        await process.Sleep(limit < answer.Latency ? limit.Value : answer.Latency);
        if (limit < answer.Latency)
        {
            return process.Complain("wget: download timed out");
        }

        if (answer.Status >= 400)
        {
            return process.Complain($"wget: server returned error: HTTP/1.1 {answer.Status} {Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(answer.Status)}");
        }

        if (!spider && target == "-")
        {
            process.Output(StoredObject.Serialize(answer.Body));
        }

        return 0;
    }

    /// <summary><c>nc [-z] [-v] [-w SECONDS] HOST PORT</c>: whether anybody listens.</summary>
    public static async Task<int> ConnectAsync(Process process, string[] words)
    {
        var (limit, loud, rest) = (Patience, false, new List<string>());
        for (var i = 0; i < words.Length; i++)
        {
            switch (words[i])
            {
                case "-w" when i + 1 < words.Length && Seconds(words[i + 1]) is { } given:
                    (limit, i) = (given, i + 1);
                    break;
                case "-z":
                    break;
                case "-v" or "-zv" or "-vz":
                    loud = true;
                    break;
                case ['-', ..]:
                    return process.Complain($"nc: unrecognized option '{words[i]}': the twin's nc knows -z -v -w");
                default:
                    rest.Add(words[i]);
                    break;
            }
        }

        if (rest is not [var host, var number] || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            return process.Complain("nc: name a host and a port");
        }

        var connection = Dial(process, host, port);
        switch (connection.Reach)
        {
            case Reach.NoSuchHost:
                return process.Complain($"nc: bad address '{host}'");
            case Reach.Refused:
                return process.Complain($"nc: {host} ({connection.Address}:{port}): Connection refused");
            case Reach.Dropped:
                await process.Sleep(limit);
                return process.Complain($"nc: {host} ({connection.Address}:{port}): Connection timed out");
            default:
                return loud ? process.Complain($"{host} ({connection.Address}:{port}) open", 0) : 0;
        }
    }

    private static Connection Dial(Process process, string host, long port) => process.Plane.Loop.Run(() => process.Plane.Network.Dial(process.Pod, host, port));

    private static TimeSpan? Seconds(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds > 0 ? TimeSpan.FromSeconds(seconds) : null;
}
