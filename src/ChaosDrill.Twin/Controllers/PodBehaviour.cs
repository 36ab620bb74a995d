using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Controllers;

/// <summary>How the simulated containers of one pod behave; what its annotations do not say, the options of the twin do.</summary>
internal sealed record PodBehaviour(TimeSpan StartDelay, TimeSpan ReadyDelay, TimeSpan TerminationDelay, bool NeverReady, (TimeSpan After, TimeSpan For)? Flap, TimeSpan? RunFor, int ExitCode)
{
    /// <summary>How long the containers of a job's pod run, where it does not say.</summary>
    private static readonly TimeSpan JobRun = TimeSpan.FromSeconds(2);

    public static PodBehaviour Of(StoredObject pod, TwinOptions options)
    {
        var annotations = pod.Metadata.Obj("annotations");
        return new(
            Duration(TwinAnnotations.StartDelay, options.StartDelay),
            Duration(TwinAnnotations.ReadyDelay, options.ReadyDelay),
            Duration(TwinAnnotations.TerminationDelay, options.TerminationDelay),
            annotations.Str(TwinAnnotations.NeverReady) == "true",
            ParseFlap(annotations.Str(TwinAnnotations.Flap)),
            GoDuration.TryParse(annotations.Str(TwinAnnotations.RunFor), out var lasting) ? lasting : Owners.ControllerOf(pod, "Job") is null ? null : JobRun,
            int.TryParse(annotations.Str(TwinAnnotations.ExitCode), out var code) ? code : 0);

        TimeSpan Duration(string name, TimeSpan otherwise) => GoDuration.TryParse(annotations.Str(name), out var value) ? value : otherwise;
    }

    private static (TimeSpan After, TimeSpan For)? ParseFlap(string? text)
    {
        if (text is null)
        {
            return null;
        }

        var parts = text.Split(',').Select(p => p.Split('=', 2)).Where(p => p.Length == 2).ToDictionary(p => p[0].Trim(), p => p[1].Trim());
        return GoDuration.TryParse(parts.GetValueOrDefault("after"), out var after) && GoDuration.TryParse(parts.GetValueOrDefault("for"), out var lasting)
            ? (after, lasting) : null;
    }
}
