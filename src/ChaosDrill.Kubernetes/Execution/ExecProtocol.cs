using System.Globalization;

namespace ChaosDrill.Kubernetes;

/// <summary>The protocols of exec over WebSocket: the first byte of each message names its channel.</summary>
/// <remarks>Source: kubernetes/kubernetes, staging/src/k8s.io/apimachinery/pkg/util/remotecommand/constants.go.</remarks>
internal static class ExecProtocol
{
    /// <summary>Knows a message that closes a channel.</summary>
    public const string V5 = "v5.channel.k8s.io";

    public const string V4 = "v4.channel.k8s.io";

    public const byte Input = 0;
    public const byte Output = 1;
    public const byte Error = 2;
    public const byte Status = 3;

    /// <summary>Its one byte of content is the channel that is closed.</summary>
    public const byte Close = 255;

    /// <summary>The exit code that a status stands for.</summary>
    /// <exception cref="ApiException">The command did not run, or nobody knows how it ended.</exception>
    public static int ExitCode(ReadOnlySpan<byte> json, ApiRequest request)
    {
        var status = AnswerReader.Parse(json, request, 101, KubernetesJson.Default.Status);
        if (status.Outcome == "Success")
        {
            return 0;
        }

        var cause = status.Details.Causes.FirstOrDefault(one => one.Reason == "ExitCode");
        return status.Reason == "NonZeroExitCode" && int.TryParse(cause?.Message, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var code)
            ? code
            : throw new ApiException(status.Code == 0 ? status with { Code = 500 } : status, request.Method.Method, request.Path);
    }
}
