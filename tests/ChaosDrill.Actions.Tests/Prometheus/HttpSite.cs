using System.Net;
using System.Text;

namespace ChaosDrill.Testing;

/// <summary>A small site on loopback: what is asked for and what is answered is the test's to say.</summary>
internal sealed class HttpSite : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Task _serving;

    /// <param name="answer">From a request with its body to status and body.</param>
    public HttpSite(Func<HttpListenerRequest, string, Task<(int Status, string Body)>> answer)
    {
        Authority = $"127.0.0.1:{PrometheusServer.FreePort()}";
        _listener.Prefixes.Add($"http://{Authority}/");
        _listener.Start();
        _serving = ServeAsync(answer);
    }

    /// <summary>Serves the same text at every path, as an exporter of metrics does.</summary>
    public HttpSite(Func<string> text)
        : this((_, _) => Task.FromResult((200, text())))
    {
    }

    public string Authority { get; }

    public string Url => "http://" + Authority;

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _serving;
        _listener.Close();
    }

    private async Task ServeAsync(Func<HttpListenerRequest, string, Task<(int Status, string Body)>> answer)
    {
        while (true)
        {
            try
            {
                _ = AnswerAsync(await _listener.GetContextAsync(), answer);
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                return;
            }
        }
    }

    private static async Task AnswerAsync(HttpListenerContext context, Func<HttpListenerRequest, string, Task<(int Status, string Body)>> answer)
    {
        using var reader = new StreamReader(context.Request.InputStream, Encoding.UTF8);
        var (status, body) = await answer(context.Request, await reader.ReadToEndAsync());
        try
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = body.StartsWith('{') ? "application/json" : "text/plain; version=0.0.4";
            await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(body));
            context.Response.Close();
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
        {
            // Whoever asked has gone, or the site has.
        }
    }
}
