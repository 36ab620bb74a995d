using System.Collections.Concurrent;
using System.Net;
using System.Text;
using ChaosDrill.Testing;

namespace ChaosDrill.Tests.Process;

/// <summary>Receives traces by OTLP over HTTP and decodes their protobuf.</summary>
/// <remarks>Field numbers: opentelemetry-proto, collector/trace/v1 and trace/v1.</remarks>
internal sealed class OtlpCollector : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Task _serving;

    public OtlpCollector(int status = 200)
    {
        Url = $"http://127.0.0.1:{PrometheusServer.FreePort()}";
        _listener.Prefixes.Add(Url + "/");
        _listener.Start();
        _serving = ServeAsync(status);
    }

    public string Url { get; }

    public ConcurrentQueue<string> Asked { get; } = [];

    public ConcurrentQueue<Span> Spans { get; } = [];

    public ConcurrentDictionary<string, string> Resource { get; } = [];

    internal sealed record Span(string Trace, string Id, string Parent, string Name, ulong Start, ulong End, Dictionary<string, string> Tags, List<(string Name, Dictionary<string, string> Tags)> Events, ulong Status);

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _serving;
        _listener.Close();
    }

    private async Task ServeAsync(int status)
    {
        while (true)
        {
            try
            {
                var context = await _listener.GetContextAsync();
                using var body = new MemoryStream();
                await context.Request.InputStream.CopyToAsync(body);
                Asked.Enqueue($"{context.Request.HttpMethod} {context.Request.RawUrl} {context.Request.ContentType} {context.Request.Headers["x-tenant"]}".TrimEnd());
                if (status == 200)
                {
                    Take(body.ToArray());
                }

                context.Response.StatusCode = status;
                context.Response.Close();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                return;
            }
        }
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
