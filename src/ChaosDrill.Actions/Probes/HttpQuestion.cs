using ChaosDrill.Engine.Ports;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Actions.Probes;

/// <summary>Asks a URL over the network. Each sample uses what connections there are, as a client of the service would.</summary>
internal sealed class HttpQuestion(HttpProbe target) : IProbe, IDisposable
{
    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        PooledConnectionLifetime = TimeSpan.FromMinutes(1),
        SslOptions = target.InsecureSkipTlsVerify
#pragma warning disable CA5359 // The scenario asks for it.
            ? new() { RemoteCertificateValidationCallback = (_, _, _, _) => true }
#pragma warning restore CA5359
            : new(),
    });

    public string Summary => $"GET {target.Url}";

    public IReadOnlyList<AccessNeed> Needs => [];

    public async Task<ProbeReply> AskAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, target.Url);
            using var response = await _http.SendAsync(request, cancellationToken);
            var status = (int)response.StatusCode;
            return (target.ExpectStatus is { } expected ? status == expected : status is >= 200 and < 400)
                ? new ProbeReply(SampleOutcome.Success, null)
                : new ProbeReply(SampleOutcome.Failure, $"HTTP {status}");
        }
        catch (HttpRequestException e)
        {
            return new ProbeReply(SampleOutcome.Failure, e.InnerException?.Message ?? e.Message);
        }
        catch (IOException e)
        {
            return new ProbeReply(SampleOutcome.Failure, e.Message);
        }
    }

    public void Dispose() => _http.Dispose();
}
