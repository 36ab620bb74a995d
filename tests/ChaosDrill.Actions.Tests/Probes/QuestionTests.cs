using System.Net;
using System.Net.Sockets;
using System.Text;
using ChaosDrill.Actions.Probes;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Timelines;
using Xunit;

namespace ChaosDrill.Actions.Tests.Probes;

public sealed class QuestionTests
{
    [Theory]
    [InlineData(200, false, "", SampleOutcome.Success)]
    [InlineData(302, false, "", SampleOutcome.Success)]
    [InlineData(404, false, "", SampleOutcome.Failure)]
    [InlineData(503, false, "the application's own", SampleOutcome.Failure)]
    [InlineData(503, true, "no endpoints available for service \"web\"", SampleOutcome.Failure)]
    [InlineData(503, true, "error trying to reach service: dial tcp 10.0.0.1:80: connect: connection refused", SampleOutcome.Failure)]
    [InlineData(404, true, "services \"web\" not found", SampleOutcome.Failure)]
    [InlineData(403, true, "services \"web\" is forbidden", SampleOutcome.Unknown)]
    [InlineData(429, true, "too many requests", SampleOutcome.Unknown)]
    [InlineData(500, true, "etcdserver: request timed out", SampleOutcome.Unknown)]
    [InlineData(503, true, "apiserver is shutting down", SampleOutcome.Unknown)]
    public void Service_WhatTheApiServerSaysOfItself_IsNoStatementAboutTheService(int status, bool fromApiServer, string message, SampleOutcome expected)
    {
        var failure = fromApiServer ? new Status { Code = status, Message = message } : null;

        Assert.Equal(expected, ServiceQuestion.Judge(new ProxyAnswer(status, message, false, fromApiServer, failure, 0)).Outcome);
    }

    [Fact]
    public async Task Tcp_NobodyListens_Fails()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        Assert.Equal(SampleOutcome.Success, (await new TcpQuestion(new TcpProbe { Host = "127.0.0.1", Port = port }).AskAsync(default)).Outcome);

        taken.Stop();
        Assert.Equal(SampleOutcome.Failure, (await new TcpQuestion(new TcpProbe { Host = "127.0.0.1", Port = port }).AskAsync(default)).Outcome);
    }

    [Theory]
    [InlineData("200 OK", null, SampleOutcome.Success)]
    [InlineData("302 Found", null, SampleOutcome.Success)]
    [InlineData("500 Oops", null, SampleOutcome.Failure)]
    [InlineData("401 Unauthorized", 401, SampleOutcome.Success)]
    [InlineData("200 OK", 401, SampleOutcome.Failure)]
    public async Task Http_Status_DecidesTheOutcome(string status, int? expect, SampleOutcome expected)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = AnswerOnceAsync(listener, $"HTTP/1.1 {status}\r\nContent-Length: 0\r\nLocation: http://127.0.0.1:1/\r\nConnection: close\r\n\r\n");
        using var question = new HttpQuestion(new HttpProbe { Url = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/", ExpectStatus = expect });

        Assert.Equal(expected, (await question.AskAsync(default)).Outcome);
        await serving;
    }

    [Fact]
    public async Task Http_ConnectionCutInTheMiddle_Fails()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = AnswerOnceAsync(listener, "HTTP/1.1 20");
        using var question = new HttpQuestion(new HttpProbe { Url = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/" });

        Assert.Equal(SampleOutcome.Failure, (await question.AskAsync(default)).Outcome);
        await serving;
    }

    private static async Task AnswerOnceAsync(TcpListener listener, string answer)
    {
        using var client = await listener.AcceptTcpClientAsync();
        var stream = client.GetStream();
        var buffer = new byte[4096];
        _ = await stream.ReadAsync(buffer);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(answer));
    }
}
