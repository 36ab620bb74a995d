using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Threading.Channels;
using ChaosDrill.Model.Notifications;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace ChaosDrill.Worker.Notifications;

/// <summary>Tells one address, in order, and never keeps anybody waiting: what it cannot keep up with is dropped and counted.</summary>
/// <remarks>Thread-safe. The URL is a secret: nothing that is said holds it, or what a transport says of it.</remarks>
internal sealed class WebhookSender : IAsyncDisposable
{
    /// <summary>What may wait.</summary>
    private const int Room = 256;

    /// <summary>How long one attempt may take.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>How long what waits has when the worker stops.</summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);

    private readonly Webhook _hook;
    private readonly Uri _url;
    private readonly string _worker;
    private readonly WorkerLog _log;
    private readonly TimeProvider _clock;
    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(1) });
    private readonly Channel<(Notification Told, DateTimeOffset At)> _queue = Channel.CreateBounded<(Notification, DateTimeOffset)>(new BoundedChannelOptions(Room) { SingleReader = true });
    private readonly CancellationTokenSource _ending = new();
    private readonly ResiliencePipeline<HttpStatusCode?> _again;
    private readonly Task _sending;
    private long _sent;
    private long _failed;
    private long _dropped;

    /// <summary>Begins to send.</summary>
    /// <param name="hook">Whom to tell of what.</param>
    /// <param name="url">Where.</param>
    /// <param name="worker">Who tells.</param>
    /// <param name="pause">Before the second attempt; each further one waits twice as long.</param>
    /// <param name="log">Where trouble is said.</param>
    /// <param name="clock">The clock.</param>
    public WebhookSender(Webhook hook, Uri url, string worker, TimeSpan pause, WorkerLog log, TimeProvider clock)
    {
        (_hook, _url, _worker, _log, _clock) = (hook, url, worker, log, clock);
        _again = new ResiliencePipelineBuilder<HttpStatusCode?> { TimeProvider = clock }
            .AddRetry(new RetryStrategyOptions<HttpStatusCode?>
            {
                ShouldHandle = static a => ValueTask.FromResult(
                    a.Outcome.Exception is HttpRequestException or IOException or TimeoutRejectedException || a.Outcome.Result is { } status && ((int)status >= 500 || status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests)),
                MaxRetryAttempts = 5,
                Delay = pause,
                MaxDelay = TimeSpan.FromMinutes(1),
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
            })
            .AddTimeout(Limit)
            .Build();
        _sending = SendAllAsync();
    }

    /// <summary>What became of notifications, by words for metrics.</summary>
    public (string Name, (string Result, long Count)[] Counts) Tally =>
        (_hook.Name, [("sent", Interlocked.Read(ref _sent)), ("failed", Interlocked.Read(ref _failed)), ("dropped", Interlocked.Read(ref _dropped))]);

    /// <summary>Whom it tells.</summary>
    public string Name => _hook.Name;

    /// <summary>Whether it is to be told of an occasion.</summary>
    public bool Wants(Occasion occasion) => _hook.Wants(occasion);

    /// <summary>Takes a notification; returns at once.</summary>
    public void Tell(Notification told)
    {
        if (_hook.Wants(told.Occasion) && !_queue.Writer.TryWrite((told, _clock.GetUtcNow())) && Interlocked.Increment(ref _dropped) % Room == 1)
        {
            _log.Warn($"webhook {_hook.Name} cannot keep up: notifications are dropped", ("webhook", _hook.Name), ("dropped", Interlocked.Read(ref _dropped)));
        }
    }

    /// <summary>Gives what waits a little time, and says what could not be sent.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await Task.WhenAny(_sending, Task.Delay(Farewell, _clock));
        _ending.Cancel();
        await _sending;
        _http.Dispose();
        _ending.Dispose();
    }

    private async Task SendAllAsync()
    {
        await foreach (var (told, at) in _queue.Reader.ReadAllAsync())
        {
            try
            {
                var body = WebhookBody.Of(_hook.Form, told, _worker, at);
                var status = await _again.ExecuteAsync(async token => (HttpStatusCode?)await PostAsync(body, token), _ending.Token);
                if ((int)status! is >= 200 and < 300)
                {
                    Interlocked.Increment(ref _sent);
                    continue;
                }

                Fail(told, $"HTTP {(int)status}");
            }
            catch (HttpRequestException e)
            {
                // Its message may name host and path.
                Fail(told, e.HttpRequestError.ToString());
            }
            catch (Exception e) when (e is IOException or TimeoutRejectedException or OperationCanceledException)
            {
                Fail(told, e is TimeoutRejectedException ? "no answer in time" : e is OperationCanceledException ? "the worker stopped before it could be told" : "the connection broke");
            }
        }
    }

    private async Task<HttpStatusCode> PostAsync(string body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _url) { Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json")) };
        using var response = await _http.SendAsync(request, cancellationToken);
        return response.StatusCode;
    }

    private void Fail(Notification told, string why)
    {
        _log.Warn($"webhook {_hook.Name} could not be told: {told.Title}: {why}", ("webhook", _hook.Name), ("drill", told.Facts.FirstOrDefault(f => f.Name == "drill").Value));
        Interlocked.Increment(ref _failed);
    }
}
