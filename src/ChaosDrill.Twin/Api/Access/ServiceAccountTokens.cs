using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Api.Access;

/// <summary>Issues tokens for service accounts (TokenRequest) and tells whose a token is.</summary>
/// <remarks>The key is drawn from the system, not from the seed: who knows the seed must not be able to forge tokens.</remarks>
internal sealed class ServiceAccountTokens(ControlPlane plane)
{
    private const string Audience = "https://kubernetes.default.svc";

    private readonly byte[] key = RandomNumberGenerator.GetBytes(32);

    /// <summary>Answers a TokenRequest.</summary>
    /// <exception cref="ApiException">422: the token would live for less than ten minutes.</exception>
    public JsonObject Issue(StoredObject account, JsonObject request)
    {
        var spec = request.Obj("spec")?.Copy() ?? [];
        var seconds = spec.Int("expirationSeconds") ?? 3600;
        if (seconds is < 600 or > 1L << 32)
        {
            throw Failure.Of(422, "Invalid", "TokenRequest.authentication.k8s.io \"\" is invalid: " +
                FieldError.Invalid("spec.expirationSeconds", seconds, seconds < 600 ? "may not specify a duration less than 10 minutes" : "may not specify a duration larger than 2^32 seconds"));
        }

        var audiences = spec.Arr("audiences") is { Count: > 0 } asked ? (JsonArray)asked.DeepClone() : new JsonArray(Audience);
        var ends = plane.Now.AddSeconds(seconds);
        var claims = new JsonObject
        {
            ["aud"] = audiences.DeepClone(),
            ["exp"] = ends.ToUnixTimeSeconds(),
            ["iat"] = plane.Now.ToUnixTimeSeconds(),
            ["iss"] = Audience,
            ["kubernetes.io"] = new JsonObject
            {
                ["namespace"] = account.Namespace,
                ["serviceaccount"] = new JsonObject { ["name"] = account.Name, ["uid"] = account.Uid },
            },
            ["nbf"] = plane.Now.ToUnixTimeSeconds(),
            ["sub"] = TwinUser.NameOfServiceAccount(account.Namespace, account.Name),
        };
        var signed = $"{Encode("{\"alg\":\"HS256\"}"u8)}.{Encode(StoredObject.Serialize(claims))}";
        return new JsonObject
        {
            ["kind"] = "TokenRequest",
            ["apiVersion"] = "authentication.k8s.io/v1",
            ["metadata"] = new JsonObject { ["name"] = account.Name, ["namespace"] = account.Namespace, ["creationTimestamp"] = plane.NowText },
            ["spec"] = new JsonObject { ["audiences"] = audiences, ["expirationSeconds"] = seconds, ["boundObjectRef"] = spec["boundObjectRef"]?.DeepClone() },
            ["status"] = new JsonObject { ["token"] = $"{signed}.{Sign(signed)}", ["expirationTimestamp"] = Timestamps.Seconds(ends) },
        };
    }

    /// <summary>Whose token it is; null when it is not ours, ran out, is meant for others, or its account is gone.</summary>
    public TwinUser? Owner(string token)
    {
        var end = token.LastIndexOf('.');
        if (end < 0 || !CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(token[(end + 1)..]), Encoding.ASCII.GetBytes(Sign(token[..end]))))
        {
            return null;
        }

        // The signature is ours, so the claims are as they were written above.
        var claims = (JsonObject)JsonNode.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(token.AsSpan(token.IndexOf('.') + 1, end - token.IndexOf('.') - 1)))!;
        var home = claims.Obj("kubernetes.io");
        var account = plane.Store.Find(BuiltInTypes.ServiceAccounts, home.Str("namespace")!, home.Obj("serviceaccount").Str("name")!);
        return account is null || account.Uid != home.Obj("serviceaccount").Str("uid") || claims.Int("exp") <= plane.Now.ToUnixTimeSeconds() || !claims.Arr("aud").Strings().Contains(Audience)
            ? null : TwinUser.ServiceAccount(account.Namespace, account.Name, account.Uid);
    }

    private string Sign(string text) => Encode(HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(text)));

    private static string Encode(ReadOnlySpan<byte> bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);
}
