using System.Net;
using System.Text;
using System.Text.Json;
using ChaosDrill.Store.Tests;
using ChaosDrill.Web;

namespace ChaosDrill.Tests.Worker;

/// <summary>Wrong questions to a real worker: each gets an answer in words, with a status that the description names, and starts nothing.</summary>
/// <remarks>On PostgreSQL, which is the pickier of the two stores about texts.</remarks>
public sealed class WorkerWrongRequestTests(PostgresServer postgres)
{
    private static readonly byte[][] Bodies =
    [
        .. ((string[])
        [
            "", "[1]", "1", "null", "{", "{\"by\":1}", "{\"by\":{}}", "{\"bye\":\"adam\"}", "{\"by\":\"adam\",\"by\":\"eve\"}", "{\"by\":\"\\ud800\"}", "{\"\\ud800\":\"adam\"}", "{\"by\":\"\\u0000\"}",
            "{\"by\":\"adam\",\"answer\":\"perhaps\"}", new string('[', 1000), "{\"by\":\"" + new string('a', 70_000) + "\"}",
        ]).Select(Encoding.UTF8.GetBytes),
        [.. "{\"by\":\""u8, 0xff, .. "\"}"u8],
    ];

    [Fact]
    public async Task Worker_AskedWrongly_SaysWhatIsWrongAndDoesNothing()
    {
        await using var field = await WorkerField.LayAsync(postgres.NewStore());
        field.Write();
        using var worker = field.Start();
        using var http = await WorkerServerTests.ReachAsync(worker);
        using var described = JsonDocument.Parse(Routes.OpenApi);
        foreach (var path in described.RootElement.GetProperty("paths").EnumerateObject())
        {
            var real = path.Name.Replace("{name}", WorkerField.Name, StringComparison.Ordinal).Replace("{id}", "nobody", StringComparison.Ordinal);
            foreach (var method in path.Value.EnumerateObject())
            {
                var statuses = method.Value.GetProperty("responses").EnumerateObject().Select(r => int.Parse(r.Name)).ToHashSet();
                if (method.Name == "post")
                {
                    // The first one, an empty body, is no mistake but for an answer.
                    foreach (var (body, chunked) in Bodies.Skip(real.EndsWith("/answer", StringComparison.Ordinal) ? 0 : 1).SelectMany(b => new[] { (b, false), (b, true) }))
                    {
                        var status = await AskAsync(http, HttpMethod.Post, real, body, chunked);
                        Assert.True(status is 400 or 413 && statuses.Contains(status), $"{status} for POST {real} with {Encoding.UTF8.GetString(body)[..Math.Min(body.Length, 40)]}");
                    }
                }

                // What is not there, and what no store can keep.
                foreach (var name in (string[])["nobody", "..%2f..%2fetc", "%01", new string('n', 3000)])
                {
                    var other = path.Name.Replace("{name}", name, StringComparison.Ordinal).Replace("{id}", name, StringComparison.Ordinal);
                    if (other != path.Name)
                    {
                        var status = await AskAsync(http, new HttpMethod(method.Name.ToUpperInvariant()), other, "{\"answer\":\"yes\"}"u8.ToArray());
                        Assert.True(status is 400 or 404 or 409 && statuses.Contains(status), $"{status} for {method.Name} {other}");
                    }
                }
            }

            // The wrong way.
            Assert.Equal(405, await AskAsync(http, HttpMethod.Delete, real));
            Assert.Equal(405, await AskAsync(http, path.Value.TryGetProperty("post", out _) ? HttpMethod.Get : HttpMethod.Post, real));
        }

        foreach (var (path, status) in new[]
        {
            ("/", 404), ("/index.html", 404), ("/api/v1/scenarios/", 200), ("/api/v1/drills?scenario=%00", 400), ("/api/v1/drills?limit=1&limit=2", 400), ("/api/v1/firings?limit=many", 400),
            ("/api/v1/firings?limit=99999999999999999999", 400), ("/api/v1/drills?outcome=0", 400), ("/API/V1/SCENARIOS", 200),
        })
        {
            Assert.Equal((path, status), (path, await AskAsync(http, HttpMethod.Get, path)));
        }

        // As curl -I asks.
        using var head = await http.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/metrics"));
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Equal("[]", await http.GetStringAsync("/api/v1/firings"));
        Assert.DoesNotContain("\"paused\":{", await http.GetStringAsync("/api/v1/scenarios"), StringComparison.Ordinal);
        worker.Signal("TERM");
        Assert.Equal(0, (await worker.EndAsync()).Code);
    }

    private static async Task<int> AskAsync(HttpClient http, HttpMethod method, string path, byte[]? body = null, bool chunked = false)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new ByteArrayContent(body) };
        request.Headers.TransferEncodingChunked = chunked;
        using var answer = await http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        if (!answer.IsSuccessStatusCode)
        {
            using var said = JsonDocument.Parse(text);
            Assert.NotEmpty(said.RootElement.GetProperty("error").GetString()!);
            Assert.DoesNotContain("defect", text, StringComparison.Ordinal);
        }

        return (int)answer.StatusCode;
    }
}
