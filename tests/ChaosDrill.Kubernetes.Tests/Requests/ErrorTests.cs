using System.Text;
using System.Text.Json;
using ChaosDrill.Kubernetes.Tests.Fakes;

namespace ChaosDrill.Kubernetes.Tests.Requests;

public sealed class ErrorTests
{
    public static TheoryData<string> Notes => [.. Recording.Read("errors").Select(Recording.Note)];

    [Theory]
    [MemberData(nameof(Notes))]
    public async Task Error_AsRecorded_CarriesTheServersStatus(string note)
    {
        var exchange = Recording.Exchange("errors", line => Recording.Note(line) == note);
        var server = ScriptedServer.InTurn(() => Recording.Answer(exchange));
        var error = await Assert.ThrowsAsync<ApiException>(() => server.Client().GetAsync(Resources.Deployments, "shop", "a"));
        Assert.Equal(exchange.GetProperty("response").GetProperty("status").GetInt32(), error.Code);
        Assert.Equal("GET", error.Verb);
        Assert.Equal("/apis/apps/v1/namespaces/shop/deployments/a", error.Path);
        if (exchange.GetProperty("response").GetProperty("body") is { ValueKind: JsonValueKind.Object } body)
        {
            Assert.Equal(body.GetProperty("message").GetString(), error.Message);
            Assert.Equal(body.GetProperty("reason").GetString(), error.Reason);
            var causes = body.TryGetProperty("details", out var details) && details.TryGetProperty("causes", out var list) ? list.GetArrayLength() : 0;
            Assert.Equal(causes, error.Causes.Count);
        }
        else
        {
            Assert.Equal("GET /apis/apps/v1/namespaces/shop/deployments/a: the server answered 404 NotFound: 404 page not found", error.Message);
            Assert.Equal("NotFound", error.Reason);
        }
    }

    [Fact]
    public async Task Error_OfValidation_NamesTheFields()
    {
        var exchange = Recording.Exchange("errors", line => Recording.Note(line) == "invalid");
        var error = await Assert.ThrowsAsync<ApiException>(() => ScriptedServer.InTurn(() => Recording.Answer(exchange)).Client().GetAsync(Resources.Pods, "n", "p"));
        Assert.Contains(error.Causes, cause => cause is { Reason: "FieldValueRequired", Field: "spec.selector" });
    }

    [Theory]
    [InlineData("<html>bad gateway</html>", "the server answered 502 BadGateway: <html>bad gateway</html>")]
    [InlineData("", "the server answered 502 BadGateway")]
    [InlineData("{\"kind\":\"Status\",", "the server answered 502 BadGateway: {\"kind\":\"Status\",")]
    public async Task Error_WithoutAStatus_QuotesTheAnswer(string body, string expected)
    {
        var error = await Assert.ThrowsAsync<ApiException>(() => ScriptedServer.InTurn(() => ScriptedServer.Text(body, 502)).Client().GetServerVersionAsync());
        Assert.Equal($"GET /version: {expected}", error.Message);
    }

    [Fact]
    public async Task Error_WithAnEndlessBody_IsReadToItsLimitOnly()
    {
        var endless = new HandStream();
        for (var i = 0; i < 1000; i++)
        {
            endless.Feed(new string('x', 4096));
        }

        var error = await Assert.ThrowsAsync<ApiException>(() => ScriptedServer.InTurn(() => ScriptedServer.Raw(endless, 500)).Client().GetServerVersionAsync());
        Assert.Equal(500, error.Code);
        Assert.InRange(error.Message.Length, 500, 600);
    }

    [Fact]
    public async Task Answer_ThatIsEmpty_IsNoAnswer()
    {
        var error = await Assert.ThrowsAsync<ApiUnreachableException>(() => ScriptedServer.InTurn(() => ScriptedServer.Json("")).Client().GetAsync(Resources.Pods, "n", "p"));
        Assert.Equal(UnreachableCause.ConnectionLost, error.Cause);
    }

    [Theory]
    [InlineData("{\"metadata\":{\"name\":", "cannot be read")]
    [InlineData("null", "it is null")]
    [InlineData("{\"metadata\":{\"creationTimestamp\":\"yesterday\"}}", "$.metadata.creationTimestamp")]
    public async Task Answer_ThatIsBroken_ThrowsWithAClearMessage(string body, string expected)
    {
        var error = await Assert.ThrowsAsync<ApiException>(() => ScriptedServer.InTurn(() => ScriptedServer.Json(body)).Client().GetAsync(Resources.Pods, "n", "p"));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Equal(200, error.Code);
    }

    [Fact]
    public async Task Answer_NestedWithoutEnd_ThrowsAndDoesNotOverflow()
    {
        var deep = "{\"metadata\":{\"x\":" + new StringBuilder().Insert(0, "[", 100_000) + "}}";
        var error = await Assert.ThrowsAsync<ApiException>(() => ScriptedServer.InTurn(() => ScriptedServer.Json(deep)).Client().GetAsync(Resources.Pods, "n", "p"));
        Assert.Contains("cannot be read", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{\"items\":5,\"metadata\":{}}")]
    [InlineData("{\"items\":[null],\"metadata\":{}}")]
    [InlineData("{\"items\":[{}")]
    [InlineData("{\"kind\":\"Other\"}")]
    [InlineData("{\"items\":[],\"metadata\":{}} tail")]
    public async Task List_ThatIsBroken_ThrowsWithAClearMessage(string body)
    {
        var error = await Assert.ThrowsAsync<ApiException>(() => ScriptedServer.InTurn(() => ScriptedServer.Json(body)).Client().ListAsync(Resources.Pods, "n"));
        Assert.StartsWith("GET /api/v1/namespaces/n/pods: the server's answer cannot be read", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answer_ThatIsNotUtf8_ThrowsWithAClearMessage()
    {
        var server = ScriptedServer.InTurn(() => ScriptedServer.Raw(new MemoryStream([0x22, 0xff, 0xfe, 0x22])));
        var error = await Assert.ThrowsAsync<ApiException>(() => server.Client().GetAsync(Resources.Any("x", "v1", "ys", "Y", true), "n", "p"));
        Assert.Contains("not UTF-8", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Server_ThatHangs_TimesOutOnTheClock() => VirtualLoop.Run(async loop =>
    {
        var silent = new ScriptedServer(_ => ScriptedServer.Raw(new HandStream()));
        var before = loop.Clock.GetTimestamp();
        var error = await Assert.ThrowsAsync<ApiUnreachableException>(() => silent.Client(loop.Clock).GetServerVersionAsync());
        Assert.Equal(UnreachableCause.TimedOut, error.Cause);
        Assert.Contains("https://fake.test:6443 did not answer within 30 s", error.Message, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(30), loop.Clock.GetElapsedTime(before));
    });

    [Fact]
    public async Task Request_CancelledByTheCaller_IsNoTimeout()
    {
        using var stop = new CancellationTokenSource();
        var silent = new ScriptedServer(_ => ScriptedServer.Raw(new HandStream()));
        var asking = silent.Client().GetServerVersionAsync(stop.Token);
        stop.Cancel();
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        Assert.Equal(stop.Token, error.CancellationToken);
    }

    [Fact]
    public async Task Connection_ThatBreaksInTheBody_IsUnreachable()
    {
        var broken = new HandStream();
        broken.Feed("{\"major\":");
        broken.Break();
        var error = await Assert.ThrowsAsync<ApiUnreachableException>(() => ScriptedServer.InTurn(() => ScriptedServer.Raw(broken)).Client().GetServerVersionAsync());
        Assert.Equal(UnreachableCause.ConnectionLost, error.Cause);
    }
}
