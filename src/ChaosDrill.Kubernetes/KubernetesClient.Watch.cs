using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace ChaosDrill.Kubernetes;

public sealed partial class KubernetesClient
{
    /// <summary>
    /// Lists objects and then follows their changes until cancelled: first an Added for each object there, then Synced,
    /// then each change once.
    /// </summary>
    /// <param name="resource">Their kind.</param>
    /// <param name="ns">Their namespace; null for all.</param>
    /// <param name="options">Which ones and how patiently; null for the usual.</param>
    /// <param name="cancellationToken">Ends the watch; so does leaving the loop.</param>
    /// <remarks>
    /// A stream that ends or breaks is resumed where it was; where the server no longer keeps that history, the state is
    /// listed anew and the difference delivered. Both are reported as Interrupted and Resumed, and no change is lost or
    /// doubled; but of a re-listed gap only the outcome is known. A dedicated loop reads and stamps from the first
    /// iteration on, however slow the consumer is, up to <see cref="WatchOptions.Capacity"/> events.
    /// </remarks>
    /// <exception cref="ApiUnreachableException">The first list got no answer. Later the watch tries again for ever.</exception>
    /// <exception cref="ApiException">The server refuses for good (401, 403, 404 and other 4xx), or what it sends makes no sense.</exception>
    public async IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(
        Resource<T> resource, string? ns, WatchOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(resource);
        options ??= new();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var channel = Channel.CreateBounded<WatchEvent<T>>(new BoundedChannelOptions(options.Capacity)
        {
            FullMode = BoundedChannelFullMode.Wait,
            SingleReader = true,
            SingleWriter = true,
        });
        var seed = options.Seed ?? Interlocked.Increment(ref seeds);
        var loop = new WatchLoop<T>(this, transport, resource, ns, options, seed, channel.Writer).RunAsync(stop.Token);
        try
        {
            while (await channel.Reader.WaitToReadAsync(cancellationToken))
            {
                while (channel.Reader.TryRead(out var item))
                {
                    yield return item;
                }
            }
        }
        finally
        {
            stop.Cancel();
            await loop;
        }
    }
}
