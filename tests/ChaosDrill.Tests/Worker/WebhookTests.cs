using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using ChaosDrill.Engine.Scenarios;
using ChaosDrill.Hosting;
using ChaosDrill.Model.Notifications;
using ChaosDrill.Store;
using ChaosDrill.Testing;
using ChaosDrill.Web;
using ChaosDrill.Worker;
using ChaosDrill.Worker.Notifications;

namespace ChaosDrill.Tests.Worker;

/// <summary>What a worker tells, to real HTTP receivers.</summary>
public sealed class WebhookTests
{
    private const string Secret = "T0K3N-in-the-path";

    [Fact]
    public async Task Worker_WithWebhooks_TellsEachInItsFormAndTriesAgain()
    {
        var received = new ConcurrentQueue<(string Path, string Body)>();
        var refusals = 2;
        await using var receiver = new HttpSite((request, body) =>
        {
            if (request.RawUrl!.Contains("plain", StringComparison.Ordinal) && Interlocked.Decrement(ref refusals) >= 0)
            {
                return Task.FromResult((503, "not now"));
            }

            received.Enqueue((request.RawUrl!, body));
            return Task.FromResult((200, "ok"));
        });
        await using var field = await WorkerField.LayAsync();
        field.Write(waits: "100ms");
        var scenario = Path.Combine(field.Scenarios, WorkerField.Name + ".yaml");
        File.WriteAllText(scenario, File.ReadAllText(scenario).Replace("    - undo:", "    - hold: { question: \"Is <it> down & out?\", timeout: 1s }\n    - undo:", StringComparison.Ordinal));
        foreach (var path in (string[])["plain", "slack", "teams"])
        {
            File.WriteAllText(Path.Combine(field.Folder, path + "-url"), $"{receiver.Url}/{path}/{Secret}\n");
        }

        File.WriteAllText(Path.Combine(field.Folder, "webhooks.yaml"), """
            apiVersion: chaosdrill.dev/v1
            kind: Webhooks
            webhooks:
              - { name: plain, urlFile: plain-url }
              - { name: chat, urlFile: slack-url, form: slack, on: [hold, verdict] }
              - { name: board, urlFile: teams-url, form: teams, on: [verdict] }
            """);
        var id = field.Ask();
        using var worker = field.Start("--webhooks", "webhooks.yaml");
        await field.UntilAsync(id, f => f.State == FiringState.Ended);
        await UntilAsync(() => received.Count == 6);
        worker.Signal("TERM");
        var ended = await worker.EndAsync();

        Assert.Equal(0, ended.Code);
        var plain = received.Where(r => r.Path == $"/plain/{Secret}").Select(r => JsonDocument.Parse(r.Body).RootElement).ToList();
        Assert.Equal(["start", "hold", "verdict"], plain.Select(p => p.GetProperty("occasion").GetString()));
        Assert.All(plain, p => Assert.Equal((WorkerField.Name, "field"), (p.GetProperty("scenario").GetString(), p.GetProperty("namespace").GetString())));
        Assert.Equal("inconclusive", plain[2].GetProperty("outcome").GetString());
        Assert.True(plain[2].GetProperty("undoComplete").GetBoolean());
        Assert.Equal(plain[0].GetProperty("drill").GetString(), plain[2].GetProperty("drill").GetString());
        var slack = received.Where(r => r.Path == $"/slack/{Secret}").Select(r => JsonDocument.Parse(r.Body).RootElement.GetProperty("text").GetString()!).ToList();
        Assert.StartsWith($"*Drill of {WorkerField.Name} waits for an answer*\nIs &lt;it&gt; down &amp; out?", slack[0], StringComparison.Ordinal);
        Assert.StartsWith($"*Drill of {WorkerField.Name}: inconclusive*\n", slack[1], StringComparison.Ordinal);
        using var teams = JsonDocument.Parse(Assert.Single(received, r => r.Path == $"/teams/{Secret}").Body);
        var card = teams.RootElement.GetProperty("attachments")[0];
        Assert.Equal("application/vnd.microsoft.card.adaptive", card.GetProperty("contentType").GetString());
        Assert.Equal("AdaptiveCard", card.GetProperty("content").GetProperty("type").GetString());
        Assert.Equal($"Drill of {WorkerField.Name}: inconclusive", card.GetProperty("content").GetProperty("body")[0].GetProperty("text").GetString());
        Assert.DoesNotContain(Secret, ended.Out + ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Worker_WhoseDrillCannotBePutBack_TellsOnceThatSomethingIsLeft()
    {
        var received = new ConcurrentQueue<string>();
        await using var receiver = new HttpSite((_, body) =>
        {
            received.Enqueue(body);
            return Task.FromResult((200, "ok"));
        });
        await using var field = await WorkerField.LayAsync();
        field.Write(waits: "5s");
        File.WriteAllText(Path.Combine(field.Folder, "url"), receiver.Url);
        File.WriteAllText(Path.Combine(field.Folder, "webhooks.yaml"), "apiVersion: chaosdrill.dev/v1\nkind: Webhooks\nwebhooks: [ { name: ops, urlFile: url, on: [undoOutstanding] } ]\n");
        var id = field.Ask();
        using var worker = field.Start("--webhooks", "webhooks.yaml");
        await worker.UntilAsync("step ends: Done");

        // Somebody else has scaled it meanwhile: what they did stays.
        using var http = new HttpClient(field.Twin.CreateHandler()) { BaseAddress = new Uri("https://twin.invalid") };
        using var patch = await http.PatchAsync(
            "/apis/apps/v1/namespaces/field/deployments/web", new StringContent("{\"spec\":{\"replicas\":5}}", Encoding.UTF8, "application/merge-patch+json"));
        patch.EnsureSuccessStatusCode();
        await field.UntilAsync(id, f => f.State == FiringState.Ended);
        await UntilAsync(() => !received.IsEmpty);
        await Task.Delay(TimeSpan.FromSeconds(5), TimeProvider.System);
        worker.Signal("TERM");
        await worker.EndAsync();

        using var told = JsonDocument.Parse(Assert.Single(received));
        Assert.Equal("undoOutstanding", told.RootElement.GetProperty("occasion").GetString());
        Assert.Contains("web", Assert.Single(told.RootElement.GetProperty("left").EnumerateArray()).GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sender_ReceiverThatNeverAnswers_KeepsNobodyWaitingAndCountsWhatItDrops()
    {
        var never = new TaskCompletionSource<(int, string)>();
        await using var receiver = new HttpSite((_, _) => never.Task);
        var said = new StringWriter();
        await using (var sender = Sender(receiver.Url, said))
        {
            for (var i = 0; i < 1000; i++)
            {
                sender.Tell(Notification.Overdue("nightly", i.ToString()));
            }

            var dropped = sender.Tally.Counts.Single(c => c.Result == "dropped").Count;
            Assert.InRange(dropped, 1000 - 258, 1000 - 256);
            Assert.Contains("cannot keep up: notifications are dropped", said.ToString(), StringComparison.Ordinal);
        }

        // The farewell is short, and what was not told is said.
        Assert.Contains("the worker stopped before it could be told", said.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(receiver.Authority, said.ToString(), StringComparison.Ordinal);
        never.SetResult((200, ""));
    }

    [Theory]
    [InlineData(404, 1)]
    [InlineData(302, 1)]
    [InlineData(429, 6)]
    [InlineData(500, 6)]
    public async Task Sender_ReceiverThatRefuses_IsAskedAgainOnlyWhereThatMayHelp(int status, int attempts)
    {
        var asked = 0;
        await using var receiver = new HttpSite((_, _) =>
        {
            Interlocked.Increment(ref asked);
            return Task.FromResult((status, ""));
        });
        var said = new StringWriter();
        await using var sender = Sender(receiver.Url, said);
        sender.Tell(Notification.Overdue("nightly", "late"));
        await UntilAsync(() => sender.Tally.Counts.Single(c => c.Result == "failed").Count == 1);

        Assert.Equal(attempts, asked);
        Assert.Contains($"webhook ops could not be told: nightly is overdue: HTTP {status}", said.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kind: Webhook", "CD1112")]
    [InlineData("kind: Webhooks\nwebhooks: []", "the list is empty")]
    [InlineData("kind: Webhooks\nwebhooks: [ { name: a } ]", "webhooks[0]: the URL stands in one place; write one of urlFile: FILE and urlEnv: VARIABLE")]
    [InlineData("kind: Webhooks\nwebhooks: [ { name: a, url: \"http://x\" } ]", "unknown field \"url\"")]
    [InlineData("kind: Webhooks\nwebhooks: [ { name: a, urlEnv: X, on: [verdicts] } ]", "did you mean \"verdict\"?")]
    [InlineData("kind: Webhooks\nwebhooks: [ { name: a, urlEnv: X }, { name: a, urlEnv: X } ]", "the name \"a\" is taken")]
    [InlineData("kind: Webhooks\nwebhooks: [ { name: a, urlEnv: CHAOSDRILL_NO_SUCH_URL } ]", "the environment variable CHAOSDRILL_NO_SUCH_URL holds no http or https address")]
    [InlineData("kind: Webhooks\nwebhooks: [ { name: a, urlFile: missing } ]", "the file with its URL cannot be read")]
    [InlineData("kind: Webhooks\nwebhooks: [ { name: a, urlFile: bad } ]", "bad holds no http or https address; put the whole URL there")]
    public async Task Open_WrongFile_SaysWhatIsWrongAndNoSecret(string text, string expected)
    {
        var folder = Directory.CreateTempSubdirectory("chaosdrill-webhooks");
        var file = Path.Combine(folder.FullName, "webhooks.yaml");
        await File.WriteAllTextAsync(file, "apiVersion: chaosdrill.dev/v1\n" + text + "\n");
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "bad"), Secret);

        var refused = await Assert.ThrowsAnyAsync<Exception>(async () => await Notifier.Open(file, "w", Log(new StringWriter()), TimeProvider.System).DisposeAsync());
        Assert.True(refused is ScenarioException or CommandException, refused.ToString());
        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, refused.Message, StringComparison.Ordinal);
        folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("2026-11-20T03:00:02Z", "2026-11-22T03:00:30Z", null)]
    [InlineData("2026-11-20T03:00:02Z", "2026-11-22T03:01:30Z", "2026-11-21T03:00:00Z")]
    [InlineData("2026-11-21T03:00:02Z", "2026-11-22T03:01:30Z", null)]
    [InlineData("2026-11-10T03:00:02Z", "2026-11-22T03:01:30Z", "2026-11-11T03:00:00Z")]
    public void Missed_NightlySchedule_IsOverdueWhenAWholePeriodHasPassed(string last, string now, string? missed)
    {
        var schedule = new Model.Scenarios.ScheduleSpec { Cron = "0 3 * * *" };

        Assert.Equal(missed is null ? null : DateTimeOffset.Parse(missed), Overdue.Missed(schedule, DateTimeOffset.Parse(last), DateTimeOffset.Parse(now)));
    }

    [Fact]
    public async Task Look_ScheduleWithoutAVerdict_IsToldOnceAndShownInMetrics()
    {
        var received = new ConcurrentQueue<string>();
        await using var receiver = new HttpSite((_, body) =>
        {
            received.Enqueue(body);
            return Task.FromResult((200, ""));
        });
        var folder = Directory.CreateTempSubdirectory("chaosdrill-overdue");
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "url"), receiver.Url);
        var file = Path.Combine(folder.FullName, "webhooks.yaml");
        await File.WriteAllTextAsync(file, "apiVersion: chaosdrill.dev/v1\nkind: Webhooks\nwebhooks: [ { name: ops, urlFile: url } ]\n");
        var said = new StringWriter();
        var scenario = Vocabulary.ReadScenario(Repository.Path("scenarios", "pod-kill.yaml"));
        scenario = scenario with { Spec = scenario.Spec with { Schedule = new Model.Scenarios.ScheduleSpec { Cron = "0 3 * * *" } } };
        var now = DateTimeOffset.Parse("2026-11-22T03:02:00Z");
        using (var store = DrillStore.Open(Path.Combine(folder.FullName, "drills.db")))
        {
            await using var notifier = Notifier.Open(file, "w", Log(said), TimeProvider.System);
            var overdue = new Overdue(now - TimeSpan.FromDays(3), Log(said), notifier);
            overdue.Look([scenario], store, now);
            overdue.Look([scenario], store, now.AddMinutes(1));
            await UntilAsync(() => !received.IsEmpty);
            var metrics = new MetricsText();
            overdue.Write(metrics);
            Assert.Contains("chaosdrill_schedule_overdue{scenario=\"storefront-pod-kill\"} 1\n", metrics.ToString(), StringComparison.Ordinal);
        }

        using var told = JsonDocument.Parse(Assert.Single(received));
        Assert.Equal(("overdue", "storefront-pod-kill"), (told.RootElement.GetProperty("occasion").GetString(), told.RootElement.GetProperty("scenario").GetString()));
        Assert.Contains("2026-11-20 03:00:00Z has not come to pass or fail", Assert.Single(said.ToString().Split('\n'), l => l.Contains("overdue", StringComparison.Ordinal)), StringComparison.Ordinal);
        folder.Delete(recursive: true);
    }

    private static WebhookSender Sender(string url, TextWriter said) =>
        new(new Webhook { Name = "ops" }, new Uri($"{url}/{Secret}"), "w", TimeSpan.FromMilliseconds(10), Log(said), TimeProvider.System);

    private static WorkerLog Log(TextWriter said) => new(said, TimeProvider.System, json: false);

    private static async Task UntilAsync(Func<bool> holds)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1), TimeProvider.System);
        while (!holds())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, limit.Token);
        }
    }
}
