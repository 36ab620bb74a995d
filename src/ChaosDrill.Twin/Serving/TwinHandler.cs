using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using ChaosDrill.Twin.Api;
using ChaosDrill.Twin.Api.Access;

namespace ChaosDrill.Twin.Serving;

/// <summary>The API without a socket. Answers complete at once wherever they can, so that no caller is sent to the thread pool.</summary>
internal sealed class TwinHandler(ApiServer server, TwinLoop loop, TwinUser user) : HttpMessageHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<HttpResponseMessage>(cancellationToken);
        }

        var answer = AnswerAsync(request, cancellationToken);
        if (answer.IsCompleted)
        {
            return answer;
        }

        // The caller's continuation must not be sent to the pool because it finds a synchronization context here.
        var handed = new TaskCompletionSource<HttpResponseMessage>();
        _ = HandOverAsync(answer, handed);
        return handed.Task;
    }

    private async Task HandOverAsync(Task<HttpResponseMessage> answer, TaskCompletionSource<HttpResponseMessage> handed)
    {
        try
        {
            var response = await answer;
            loop.Complete(() => handed.TrySetResult(response));
        }
        catch (OperationCanceledException canceled)
        {
            loop.Complete(() => handed.TrySetCanceled(canceled.CancellationToken));
        }
        catch (Exception failure)
        {
            loop.Complete(() => handed.TrySetException(failure));
        }
    }

    private async Task<HttpResponseMessage> AnswerAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        var uri = request.RequestUri ?? throw new InvalidOperationException("A request needs a URI.");
        var body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancel);
        var sender = request.Headers.Authorization is not { } credentials ? user
            : credentials.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase) ? server.OwnerOf(credentials.Parameter ?? "") : null;
        if (sender is null)
        {
            return Convert(request, ApiResponse.Failed(Failure.Of(401, "Unauthorized", "Unauthorized")));
        }

        var answer = await server.HandleAsync(
            new ApiRequest(request.Method.Method, uri.AbsolutePath, ApiRequest.ParseQuery(uri.Query))
            {
                Accept = string.Join(",", request.Headers.Accept.Select(a => a.ToString())),
                ContentType = request.Content?.Headers.ContentType?.ToString() ?? "",
                UserAgent = request.Headers.UserAgent.ToString(),
                Body = body,
                User = sender,
                Impersonation = Impersonation.From(name => request.Headers.TryGetValues(name, out var values) ? values : []),
            },
            cancel);
        return Convert(request, answer);
    }

    private HttpResponseMessage Convert(HttpRequestMessage request, ApiResponse answer)
    {
        HttpContent content = answer.Watch is { } watch ? new StreamContent(new WatchStream(watch)) : new ReadOnlyMemoryContent(answer.Body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(answer.ContentType);
        var response = new HttpResponseMessage((HttpStatusCode)answer.Status) { Content = content, RequestMessage = request, Version = HttpVersion.Version20 };
        response.Headers.Date = loop.Clock.GetUtcNow();
        foreach (var (name, value) in answer.Headers)
        {
            response.Headers.TryAddWithoutValidation(name, string.Create(CultureInfo.InvariantCulture, $"{value}"));
        }

        return response;
    }
}
