using System.Globalization;
using System.Text.Json;
using ChaosDrill.Model;

namespace ChaosDrill.Actions.Prometheus;

/// <summary>One series' value at one instant.</summary>
/// <param name="Series">Its labels, as PromQL writes them.</param>
/// <param name="Value">The value; may be NaN or infinite.</param>
internal sealed record Sample(string Series, double Value);

/// <summary>Prometheus' HTTP API, version 1.</summary>
/// <remarks>
/// Source: prometheus.io/docs/prometheus/latest/querying/api. Instants are those of the server's clock, which is asked for
/// it and never taken to be this machine's.
/// </remarks>
internal sealed class PrometheusApi(IPrometheusDoor door, TimeSpan timeout, TimeProvider clock) : IDisposable
{
    private const int Quoted = 300;

    /// <summary>How it is called in messages.</summary>
    public string Name => door.Name;

    /// <summary>Evaluates a query now.</summary>
    /// <returns>The series; empty when there is no data.</returns>
    /// <exception cref="PrometheusException">It cannot be asked, does not understand, or answers with something that is no number.</exception>
    public Task<IReadOnlyList<Sample>> QueryAsync(string query, CancellationToken cancellationToken) => GetAsync<IReadOnlyList<Sample>>(
        "/api/v1/query?query=" + Uri.EscapeDataString(query),
        data => data.GetProperty("resultType").GetString() switch
        {
            "scalar" => [new Sample("", Number(data.GetProperty("result")))],
            "vector" => [.. data.GetProperty("result").EnumerateArray().Select(s => new Sample(Labels(s), s.TryGetProperty("value", out var value) ? Number(value) : throw Histogram()))],
            "matrix" => throw new PrometheusException("the query gives ranges and no values; wrap it into a function, such as rate(...) or max_over_time(...)", ofQuery: true),
            var type => throw new PrometheusException($"the query gives a {type} and no number", ofQuery: true),
        },
        cancellationToken);

    /// <summary>Evaluates a query at every step between two instants of the server's clock, both included.</summary>
    /// <returns>For each instant, from the first to the last, its series; empty where there is no data.</returns>
    /// <exception cref="PrometheusException">As for <see cref="QueryAsync"/>.</exception>
    public Task<IReadOnlyList<IReadOnlyList<Sample>>> QueryRangeAsync(string query, double start, double end, double step, CancellationToken cancellationToken) =>
        GetAsync<IReadOnlyList<IReadOnlyList<Sample>>>(
            $"/api/v1/query_range?query={Uri.EscapeDataString(query)}&start={Exact(start)}&end={Exact(end)}&step={Exact(step)}",
            data =>
            {
                List<Sample>[] instants = [.. Enumerable.Range(0, (int)Math.Floor(((end - start) / step) + 1e-6) + 1).Select(_ => new List<Sample>())];
                foreach (var series in data.GetProperty("result").EnumerateArray())
                {
                    var labels = Labels(series);
                    foreach (var value in series.TryGetProperty("values", out var values) ? values.EnumerateArray() : throw Histogram())
                    {
                        var instant = (int)Math.Round((value[0].GetDouble() - start) / step);
                        instants[Math.Clamp(instant, 0, instants.Length - 1)].Add(new Sample(labels, Number(value)));
                    }
                }

                return instants;
            },
            cancellationToken);

    /// <summary>The alerts that are pending or firing: their labels, the name among them as <c>alertname</c>, and whether they fire.</summary>
    /// <exception cref="PrometheusException">It cannot be asked.</exception>
    public Task<IReadOnlyList<(IReadOnlyDictionary<string, string> Labels, bool Firing)>> AlertsAsync(CancellationToken cancellationToken) =>
        GetAsync<IReadOnlyList<(IReadOnlyDictionary<string, string>, bool)>>(
            "/api/v1/alerts",
            data =>
            [
                .. data.GetProperty("alerts").EnumerateArray().Select(a => (
                    (IReadOnlyDictionary<string, string>)a.GetProperty("labels").EnumerateObject().ToDictionary(l => l.Name, l => l.Value.GetString() ?? ""),
                    a.GetProperty("state").GetString() == "firing")),
            ],
            cancellationToken);

    /// <summary>What time it is by the server's clock, in seconds of the Unix epoch.</summary>
    /// <exception cref="PrometheusException">It cannot be asked.</exception>
    public async Task<double> NowAsync(CancellationToken cancellationToken) => (await QueryAsync("time()", cancellationToken))[0].Value;

    /// <inheritdoc />
    public void Dispose() => door.Dispose();

    /// <summary>Asks, and reads what Prometheus says when it succeeds.</summary>
    private async Task<T> GetAsync<T>(string path, Func<JsonElement, T> read, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var (status, body) = await door.GetAsync(path, either.Token);
            return Read(status, body, read);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new PrometheusException($"no answer within {GoDuration.Format(timeout)}");
        }
    }

    private static T Read<T>(int status, string body, Func<JsonElement, T> read)
    {
        try
        {
            using var answer = JsonDocument.Parse(body);
            var root = answer.RootElement;
            if (Text(root, "status") != "success")
            {
                // These two are Prometheus' words for a query that it does not understand, or cannot carry out.
                throw new PrometheusException(Text(root, "error") is { } error ? Short(error) : $"HTTP {status}: {Short(body)}", Text(root, "errorType") is "bad_data" or "execution");
            }

            // A warning says that the data may be incomplete.
            return root.TryGetProperty("warnings", out var warnings) && warnings.ValueKind == JsonValueKind.Array && warnings.GetArrayLength() > 0
                ? throw new PrometheusException("it warns: " + Short(warnings[0].ToString()))
                : read(root.GetProperty("data"));
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or IndexOutOfRangeException)
        {
            throw new PrometheusException($"HTTP {status}, and no answer of Prometheus: {Short(body)}");
        }
    }

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string Short(string text)
    {
        var line = text.ReplaceLineEndings(" ").Trim();
        return line.Length <= Quoted ? line : line[..Quoted] + "...";
    }

    // [time, "value"]
    private static double Number(JsonElement pair) => pair[1].GetString() switch
    {
        "+Inf" or "Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        var text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : double.NaN,
    };

    private static string Labels(JsonElement series)
    {
        var labels = series.GetProperty("metric");
        var name = labels.TryGetProperty("__name__", out var called) ? called.GetString() : "";
        return Short($"{name}{{{string.Join(", ", labels.EnumerateObject().Where(l => l.Name != "__name__").Select(l => $"{l.Name}={l.Value.GetRawText()}"))}}}");
    }

    private static string Exact(double seconds) => seconds.ToString("0.###", CultureInfo.InvariantCulture);

    private static PrometheusException Histogram() => new("the query gives native histograms and no numbers; write histogram_quantile(...) or the like around it", ofQuery: true);
}
