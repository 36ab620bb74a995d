using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace ChaosDrill.Twin.Storage;

/// <summary>One connection to an etcd member's JSON gateway, without the thread pool.</summary>
/// <remarks>
/// A write waits for etcd while the whole twin waits for the write, and most threads of the pool may be waiting with it;
/// an <see cref="HttpClient"/> needs one of them to connect.
/// </remarks>
internal sealed class EtcdGateway(Uri endpoint) : IDisposable
{
    private const int Patience = 5000;

    private TcpClient? connection;
    private BufferedStream? stream;

    public Uri Endpoint => endpoint;

    /// <summary>Asks once, and once more over a new connection when the old one was closed meanwhile.</summary>
    /// <returns>The body of the answer.</returns>
    /// <exception cref="IOException">There is no answer, or it is a refusal.</exception>
    public string Post(string path, byte[] body)
    {
        var reused = connection is not null;
        try
        {
            return Ask(path, body);
        }
        catch (Exception e) when (reused && e is IOException or SocketException)
        {
            Dispose();
            return Ask(path, body);
        }
    }

    public void Dispose()
    {
        stream?.Dispose();
        connection?.Dispose();
        (stream, connection) = (null, null);
    }

    private string Ask(string path, byte[] body)
    {
        try
        {
            if (stream is null)
            {
                connection = new TcpClient { NoDelay = true, SendTimeout = Patience, ReceiveTimeout = Patience };
                connection.Connect(endpoint.Host, endpoint.Port);
                stream = new BufferedStream(connection.GetStream(), 64 * 1024);
            }

            stream.Write(Encoding.ASCII.GetBytes(string.Create(
                CultureInfo.InvariantCulture, $"POST {path} HTTP/1.1\r\nHost: {endpoint.Authority}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n")));
            stream.Write(body);
            stream.Flush();
            return Answer(stream);
        }
        catch (SocketException e)
        {
            Dispose();
            throw new IOException($"{endpoint}: {e.Message}", e);
        }
        catch (IOException)
        {
            Dispose();
            throw;
        }
    }

    private static string Answer(Stream stream)
    {
        var status = Line(stream);
        var (length, chunked) = (0, false);
        for (var line = Line(stream); line.Length > 0; line = Line(stream))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var (name, value) = (line[..Math.Max(colon, 0)], line[(colon + 1)..].Trim());
            length = name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase) ? int.Parse(value, CultureInfo.InvariantCulture) : length;
            chunked |= name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase) && value.Equals("chunked", StringComparison.OrdinalIgnoreCase);
        }

        using var body = new MemoryStream();
        do
        {
            length = chunked ? int.Parse(Line(stream), NumberStyles.HexNumber, CultureInfo.InvariantCulture) : length;
            var part = new byte[length];
            stream.ReadExactly(part);
            body.Write(part);
            _ = chunked ? Line(stream) : "";
        }
        while (chunked && length > 0);

        var text = Encoding.UTF8.GetString(body.ToArray());
        return status.Contains(" 200 ", StringComparison.Ordinal) ? text : throw new IOException($"{status}: {text}");
    }

    private static string Line(Stream stream)
    {
        var line = new StringBuilder();
        while (stream.ReadByte() is var next && next != '\n')
        {
            line.Append(next >= 0 ? (char)next : throw new IOException("the connection was closed"));
        }

        return line.ToString().TrimEnd('\r');
    }
}
