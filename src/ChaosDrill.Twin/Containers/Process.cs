using System.Text;
using ChaosDrill.Twin.Controllers;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Containers;

/// <summary>A program that runs in a container beside the container's own.</summary>
/// <param name="Plane">The cluster.</param>
/// <param name="Pod">The pod, as it was when the program began.</param>
/// <param name="Worker">Who looks after the pod.</param>
/// <param name="Container">Where it runs.</param>
/// <param name="Input">What it reads.</param>
/// <param name="Output">What it writes to.</param>
/// <param name="Error">What it complains to.</param>
/// <param name="Killed">Ends with the container's run.</param>
internal sealed record Process(
    ControlPlane Plane, StoredObject Pod, PodWorker Worker, Container Container, FrameQueue Input, Action<ReadOnlyMemory<byte>> Output, Action<ReadOnlyMemory<byte>> Error, CancellationToken Killed)
{
    /// <summary>What a shell says of a program that was killed: 128 and SIGKILL.</summary>
    public const int KilledCode = 137;

    /// <summary>The container, as the pod's spec describes it.</summary>
    public System.Text.Json.Nodes.JsonObject? Spec => Pod.Spec.Arr("containers").Objects().FirstOrDefault(c => c.Str("name") == Container.Name);

    public void Print(string text) => Output(Encoding.UTF8.GetBytes(text));

    public int Complain(string text, int exitCode = 1)
    {
        Error(Encoding.UTF8.GetBytes(text + "\n"));
        return exitCode;
    }

    public Task Sleep(TimeSpan time) => Task.Delay(time, Plane.Options.Clock, Killed);

    /// <summary>The next piece of the input; null at its end.</summary>
    public async Task<ReadOnlyMemory<byte>?> ReadAsync()
    {
        while (true)
        {
            if (Input.TryRead(out var piece))
            {
                return piece;
            }

            if (!await Input.WaitAsync(Killed))
            {
                return null;
            }
        }
    }
}
