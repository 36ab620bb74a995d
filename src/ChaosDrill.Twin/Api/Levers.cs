using System.Text.Json;
using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;

namespace ChaosDrill.Twin.Api;

/// <summary>One program of the control plane, as a lever stops and starts it.</summary>
/// <param name="IsRunning">Whether it runs.</param>
/// <param name="Stop">Stops it; the outage matters to the API server only.</param>
/// <param name="Start">Starts it; without effect when it runs.</param>
internal sealed record Component(Func<bool> IsRunning, Action<ApiOutage> Stop, Action Start);

/// <summary>
/// The machine under the control plane, as far as it can be reached over HTTP: it answers while the API server is away.
/// Whoever the twin knows may use it; what a user may do in the Kubernetes API does not matter to a machine.
/// </summary>
/// <remarks><c>GET /twin</c>, <c>GET /twin/components/NAME</c>, <c>PUT /twin/components/NAME</c> with <c>{"state": "stopped"}</c> or <c>{"state": "running"}</c>.</remarks>
internal sealed class Levers(IReadOnlyDictionary<string, Component> components)
{
    private const string Root = "/twin";

    /// <summary>Whether a request is meant for the machine and not for the API server.</summary>
    public static bool Concerns(ApiRequest request) => request.Path == Root || request.Path.StartsWith(Root + "/", StringComparison.Ordinal);

    /// <summary>Answers a request that concerns the machine.</summary>
    public ApiResponse Answer(ApiRequest request)
    {
        if (request.User == TwinUser.Anonymous)
        {
            throw Failure.Of(401, "Unauthorized", "Unauthorized");
        }

        switch (request.Path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            case [_] when request.Method == "GET":
                return ApiResponse.Json(new JsonObject
                {
                    ["kind"] = "Twin",
                    ["components"] = new JsonArray([.. components.Select(c => Describe(c.Key, c.Value))]),
                });
            case [_, "components", var name] when components.TryGetValue(name, out var component):
                switch (request.Method)
                {
                    case "PUT":
                        Set(component, request);
                        goto case "GET";
                    case "GET":
                        return ApiResponse.Json(Describe(name, component));
                    default:
                        throw Failure.MethodNotAllowed();
                }

            default:
                throw Failure.Of(404, "NotFound", $"the twin has no lever {request.Path}; there are {string.Join(", ", components.Keys.Select(c => $"{Root}/components/{c}"))}");
        }
    }

    private static void Set(Component component, ApiRequest request)
    {
        JsonObject? wanted;
        try
        {
            wanted = JsonNode.Parse(request.Body.Span) as JsonObject;
        }
        catch (JsonException)
        {
            wanted = null;
        }

        switch (wanted.Str("state"), wanted.Str("outage"))
        {
            case ("running", null):
                component.Start();
                break;
            case ("stopped", null or "refuse"):
                component.Stop(ApiOutage.Refuse);
                break;
            case ("stopped", "hang"):
                component.Stop(ApiOutage.Hang);
                break;
            default:
                throw Failure.BadRequest("write {\"state\": \"running\"}, {\"state\": \"stopped\"}, or {\"state\": \"stopped\", \"outage\": \"hang\"}");
        }
    }

    private static JsonObject Describe(string name, Component component) =>
        new() { ["kind"] = "Component", ["name"] = name, ["state"] = component.IsRunning() ? "running" : "stopped" };
}
