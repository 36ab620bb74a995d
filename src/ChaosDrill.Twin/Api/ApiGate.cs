namespace ChaosDrill.Twin.Api;

/// <summary>Whether the API server is there at all; controllers and kubelets depend on it as clients do.</summary>
internal sealed class ApiGate
{
    private readonly List<Action> waiting = [];

    public ApiOutage? Outage { get; private set; }

    public bool IsUp => Outage is null;

    /// <summary>Runs now, or when the server is back.</summary>
    public void WhenUp(Action action)
    {
        if (IsUp)
        {
            action();
        }
        else
        {
            waiting.Add(action);
        }
    }

    public void Close(ApiOutage outage) => Outage = outage;

    /// <summary>Opens the gate and hands back what waited for it.</summary>
    public Action[] Open()
    {
        Outage = null;
        Action[] actions = [.. waiting];
        waiting.Clear();
        return actions;
    }
}
