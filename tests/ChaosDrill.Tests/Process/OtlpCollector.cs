using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace ChaosDrill.Tests.Process;

/// <summary>Receives traces by OTLP, over HTTP or gRPC, and decodes their protobuf.</summary>
/// <remarks>
/// Field numbers: opentelemetry-proto, collector/trace/v1 and trace/v1. Frames and trailers of gRPC: grpc/doc/PROTOCOL-HTTP2.md.
/// </remarks>
internal sealed class OtlpCollector : IAsyncDisposable
{
    private const int Prefix = 5;
    private readonly WebApplication _server;

    private OtlpCollector(WebApplication server) => _server = server;

    public string Url => _server.Urls.Single();

    public ConcurrentQueue<string> Asked { get; } = [];

    public ConcurrentQueue<Span> Spans { get; } = [];

    public ConcurrentDictionary<string, string> Resource { get; } = [];

    internal sealed record Span(string Trace, string Id, string Parent, string Name, ulong Start, ulong End, Dictionary<string, string> Tags, List<(string Name, Dictionary<string, string> Tags)> Events, ulong Status);

    /// <param name="isGrpc">Whether it speaks gRPC, over HTTP/2 without TLS; else HTTP/1.1.</param>
    /// <param name="grpcStatus">What it answers every call with; 0 is success.</param>
    public static async Task<OtlpCollector> StartAsync(bool isGrpc = false, int grpcStatus = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, l => l.Protocols = isGrpc ? HttpProtocols.Http2 : HttpProtocols.Http1));
        var server = builder.Build();
        var collector = new OtlpCollector(server);
        server.Run(context => collector.AnswerAsync(context, isGrpc, grpcStatus));
        await server.StartAsync();
        return collector;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task AnswerAsync(HttpContext context, bool isGrpc, int grpcStatus)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        Asked.Enqueue($"{context.Request.Method} {context.Request.Path} {context.Request.ContentType} {context.Request.Headers["x-tenant"]}".TrimEnd());
        if (!isGrpc)
        {
            Take(body.ToArray());
            return;
        }

        // One message, not compressed: its length follows in four bytes.
        var message = body.ToArray();
        Assert.Equal((0, message.Length - Prefix), (message[0], System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(message.AsSpan(1))));
        Take(message[Prefix..]);
        context.Response.ContentType = "application/grpc";
        if (grpcStatus == 0)
        {
            await context.Response.Body.WriteAsync(new byte[Prefix]);
        }

        context.Response.AppendTrailer("grpc-status", grpcStatus.ToString());
    }

    private void Take(byte[] request)
    {
        foreach (var resourceSpans in Fields(request).Where(f => f.Number == 1))
        {
            foreach (var (key, value) in Fields(resourceSpans.Bytes).Where(f => f.Number == 1).SelectMany(r => Attributes(r.Bytes, 1)))
            {
                Resource[key] = value;
            }

            foreach (var span in Fields(resourceSpans.Bytes).Where(f => f.Number == 2).SelectMany(s => Fields(s.Bytes)).Where(f => f.Number == 2))
            {
                var fields = Fields(span.Bytes).ToList();
                byte[] Bytes(int number) => fields.FirstOrDefault(f => f.Number == number).Bytes ?? [];
                Spans.Enqueue(new Span(
                    Convert.ToHexString(Bytes(1)), Convert.ToHexString(Bytes(2)), Convert.ToHexString(Bytes(4)), Encoding.UTF8.GetString(Bytes(5)),
                    fields.First(f => f.Number == 7).Number64, fields.First(f => f.Number == 8).Number64, Attributes(span.Bytes, 9),
                    [.. fields.Where(f => f.Number == 11).Select(e => (Encoding.UTF8.GetString(Fields(e.Bytes).First(f => f.Number == 2).Bytes), Attributes(e.Bytes, 3)))],
                    Fields(Bytes(15)).FirstOrDefault(f => f.Number == 3).Number64));
            }
        }
    }

    private static Dictionary<string, string> Attributes(byte[] message, int number) => Fields(message).Where(f => f.Number == number).Select(f => Fields(f.Bytes).ToList()).ToDictionary(
        kv => Encoding.UTF8.GetString(kv.First(f => f.Number == 1).Bytes),
        kv => Fields(kv.FirstOrDefault(f => f.Number == 2).Bytes ?? []).Select(v => v.Number == 1 ? Encoding.UTF8.GetString(v.Bytes) : v.Number == 2 ? (v.Number64 == 1 ? "true" : "false") : v.Number64.ToString()).FirstOrDefault() ?? "");

    private static IEnumerable<(int Number, ulong Number64, byte[] Bytes)> Fields(byte[] message)
    {
        for (var at = 0; at < message.Length;)
        {
            var tag = Varint();
            switch (tag & 7)
            {
                case 0:
                    yield return ((int)(tag >> 3), Varint(), []);
                    break;
                case 1:
                    yield return ((int)(tag >> 3), BitConverter.ToUInt64(message, at), []);
                    at += 8;
                    break;
                case 2:
                    var length = (int)Varint();
                    yield return ((int)(tag >> 3), 0, message[at..(at + length)]);
                    at += length;
                    break;
                case 5:
                    yield return ((int)(tag >> 3), BitConverter.ToUInt32(message, at), []);
                    at += 4;
                    break;
                default:
                    throw new InvalidDataException($"wire type {tag & 7}");
            }

            ulong Varint()
            {
                ulong value = 0;
                for (var shift = 0; ; shift += 7)
                {
                    var b = message[at++];
                    value |= (ulong)(b & 0x7f) << shift;
                    if (b < 0x80)
                    {
                        return value;
                    }
                }
            }
        }
    }
}
