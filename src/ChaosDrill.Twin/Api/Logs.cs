using System.Globalization;
using System.Text;
using ChaosDrill.Twin.Containers;
using ChaosDrill.Twin.Json;

namespace ChaosDrill.Twin.Api;

/// <summary>What containers wrote: from a line, from a time, of the run before, and on as it comes.</summary>
internal sealed class Logs(ControlPlane plane, Watching watching)
{
    public ApiResponse Read(ApiPath path, ApiRequest request)
    {
        var target = PodTarget.Of(plane, path, request, "containerLogs");
        var (pod, name) = (target.Pod, target.ContainerName);
        if (request.Flag("previous") && target.Container?.PreviousLog is null)
        {
            throw Failure.BadRequest($"previous terminated container \"{name}\" in pod \"{pod.Name}\" not found");
        }

        if (target.Container is not { } container || (!container.IsRunning && container.ExitCode is null))
        {
            var status = pod.Status.Arr("containerStatuses").Objects().FirstOrDefault(c => c.Str("name") == name);
            throw Failure.BadRequest($"container \"{name}\" in pod \"{pod.Name}\" is waiting to start: {status.Obj("state").Obj("waiting").Str("reason") ?? "ContainerCreating"}");
        }

        var log = request.Flag("previous") ? container.PreviousLog! : container.Log;
        var since = Since(request);
        IEnumerable<LogLine> lines = log.Lines.Where(l => since is null || l.At >= since);
        if (Number(request, "tailLines") is { } tail)
        {
            lines = lines.TakeLast((int)tail);
        }

        var stamped = request.Flag("timestamps");
        var body = Encoding.UTF8.GetBytes(string.Concat(lines.Select(l => Text(l, stamped))));
        if (!request.Flag("follow") || !container.IsRunning || request.Flag("previous"))
        {
            var limit = Number(request, "limitBytes") ?? body.Length;
            return new ApiResponse { ContentType = "text/plain", Body = body.AsMemory(0, (int)Math.Min(limit, body.Length)) };
        }

        var frames = new FrameQueue(plane.Loop);
        if (body.Length > 0)
        {
            frames.Send(body);
        }

        log.Written += Follow;
        log.Ended += frames.End;
        frames.Ended += () =>
        {
            log.Written -= Follow;
            log.Ended -= frames.End;
        };
        watching.Keep(frames);
        return new ApiResponse { ContentType = "text/plain", Frames = frames };

        void Follow(LogLine line) => frames.Send(Encoding.UTF8.GetBytes(Text(line, stamped)));
    }

    private static string Text(LogLine line, bool stamped) => stamped ? $"{Timestamps.Nanos(line.At)} {line.Text}\n" : line.Text + "\n";

    private DateTimeOffset? Since(ApiRequest request) => Number(request, "sinceSeconds") is { } seconds ? plane.Now.AddSeconds(-seconds) : Timestamps.Parse(request.Param("sinceTime"));

    private static long? Number(ApiRequest request, string name) => request.Param(name) is not { } text ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value
        : throw Failure.BadRequest($"Invalid value: \"{text}\": {name} must be a whole number that is not negative");
}
