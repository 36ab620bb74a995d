using System.Buffers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ChaosDrill.Twin.Api;
using ChaosDrill.Twin.Api.Access;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ChaosDrill.Twin.Serving;

/// <summary>From Kestrel's requests to the API's and back: who asks, what, and a stream of frames for watches.</summary>
internal sealed class HttpFront(ApiServer api, CertificateAuthority authority, string token, CancellationToken stopping)
{
    /// <summary>After so many bytes of frames they are sent, however many more wait.</summary>
    private const int FlushFrom = 64 * 1024;

    private readonly byte[] tokenBytes = Encoding.ASCII.GetBytes(token);

    public async Task HandleAsync(HttpContext context)
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        try
        {
            var answer = await AnswerAsync(context.Request, cancel.Token);
            if (answer.Exec is { } exec)
            {
                await ConverseAsync(context, exec, cancel.Token);
                return;
            }

            await SendAsync(context.Response, answer, cancel.Token);
        }
        catch (HttpRequestException)
        {
            // The API server is away and refuses: the nearest thing that an open listener can do.
            context.Abort();
        }
        catch (OperationCanceledException)
        {
            context.Abort();
        }
        catch (IOException)
        {
            context.Abort();
        }
    }

    private async Task<ApiResponse> AnswerAsync(HttpRequest request, CancellationToken cancel)
    {
        var user = WhoAsks(request);
        if (user is null)
        {
            return ApiResponse.Failed(Failure.Of(401, "Unauthorized", "Unauthorized"));
        }

        var path = request.HttpContext.Features.Get<IHttpRequestFeature>()!.RawTarget;
        var mark = path.IndexOf('?', StringComparison.Ordinal);
        path = mark < 0 ? path : path[..mark];
        using var body = new MemoryStream();
        try
        {
            await request.Body.CopyToAsync(body, cancel);
        }
        catch (Microsoft.AspNetCore.Http.BadHttpRequestException tooLarge) when (tooLarge.StatusCode == 413)
        {
            return ApiResponse.Failed(Failure.Of(413, "RequestEntityTooLarge", "Request entity too large: limit is 3145728"));
        }

        return await api.HandleAsync(
            new ApiRequest(request.Method, path, request.QueryString.Value ?? "")
            {
                Accept = request.Headers.Accept.ToString(),
                ContentType = request.ContentType ?? "",
                UserAgent = request.Headers.UserAgent.ToString(),
                Body = body.ToArray(),
                User = user,
                Impersonation = Impersonation.From(name => request.Headers[name].OfType<string>()),
            },
            cancel);
    }

    private static async Task ConverseAsync(HttpContext context, ExecCall exec, CancellationToken cancel)
    {
        var offered = context.WebSockets.WebSocketRequestedProtocols;
        if (!context.WebSockets.IsWebSocketRequest || ExecCall.Choose(offered) is not { } protocol)
        {
            await SendAsync(context.Response, ApiResponse.Failed(ExecCall.NotUpgraded([.. offered])), cancel);
            return;
        }

        using var socket = await context.WebSockets.AcceptWebSocketAsync(protocol);
        await exec.ServeAsync(socket, cancel);
    }

    private static async Task SendAsync(HttpResponse response, ApiResponse answer, CancellationToken cancel)
    {
        response.StatusCode = answer.Status;
        response.ContentType = answer.ContentType;
        foreach (var (name, value) in answer.Headers)
        {
            response.Headers[name] = value;
        }

        if (answer.Frames is not { } frames)
        {
            response.ContentLength = answer.Body.Length;
            await response.Body.WriteAsync(answer.Body, cancel);
            return;
        }

        try
        {
            await PumpAsync(response, frames, cancel);
        }
        finally
        {
            frames.Dispose();
        }
    }

    private static async Task PumpAsync(HttpResponse response, FrameQueue frames, CancellationToken cancel)
    {
        await response.StartAsync(cancel);
        await response.BodyWriter.FlushAsync(cancel);
        while (true)
        {
            var unsent = 0;
            while (unsent < FlushFrom && frames.TryRead(out var frame))
            {
                response.BodyWriter.Write(frame.Span);
                unsent += frame.Length;
            }

            if (unsent > 0)
            {
                await response.BodyWriter.FlushAsync(cancel);
            }
            else if (await frames.WaitAsync(cancel))
            {
                // Not on the control plane's own thread: it has better to do than to encrypt, and what it sends meanwhile goes out together.
                await Task.Yield();
            }
            else
            {
                return;
            }
        }
    }

    /// <summary>Null for credentials that are wrong; anonymous for none.</summary>
    private TwinUser? WhoAsks(HttpRequest request)
    {
        if (request.Headers.Authorization.ToString() is { Length: > 0 } header)
        {
            if (!header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
            {
                return null;
            }

            var given = header["Bearer ".Length..].Trim();
            return CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(given), tokenBytes) ? TwinUser.Admin : api.OwnerOf(given);
        }

        // One answer for each connection: building the chain anew for every request would cost more than the request.
        var items = request.HttpContext.Features.Get<Microsoft.AspNetCore.Connections.Features.IConnectionItemsFeature>()?.Items;
        if (items is not null && items.TryGetValue(typeof(TwinUser), out var known))
        {
            return (TwinUser?)known;
        }

        var user = request.HttpContext.Connection.ClientCertificate is not { } certificate ? TwinUser.Anonymous
            : authority.Issued(certificate) ? Named(certificate)
            : null;
        if (items is not null)
        {
            items[typeof(TwinUser)] = user;
        }

        return user;
    }

    /// <summary>The common name is the user and each organization a group, as a real API server reads client certificates.</summary>
    private static TwinUser Named(X509Certificate2 certificate) => new(
        certificate.GetNameInfo(X509NameType.SimpleName, false),
        [
            .. certificate.SubjectName.EnumerateRelativeDistinguishedNames()
                .Where(part => !part.HasMultipleElements && part.GetSingleElementType().Value == "2.5.4.10").Select(part => part.GetSingleElementValue() ?? ""),
            "system:authenticated",
        ]);
}
