using System.Text.Json.Nodes;
using ChaosDrill.Engine.Scenarios.Yaml;
using ChaosDrill.Model;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Engine.Scenarios.Forms;

internal sealed class ReferenceKind : ScalarKind
{
    private const string Pattern =
        "^([dD]eployments?|deploy|[sS]tateful[sS]ets?|sts|[dD]aemon[sS]ets?|ds|[rR]eplica[sS]ets?|rs|probe)/[a-z0-9]([a-z0-9.-]*[a-z0-9])?$";

    private static readonly string[] Words = ["deployment", "statefulset", "daemonset", "replicaset", WorkloadReference.ProbeKind];

    public override string Noun => "reference";

    public override string Example => "deployment/storefront";

    public override object Neutral => new WorkloadReference("", "");

    public override Complaint? Read(YamlScalar scalar, out object value)
    {
        var good = WorkloadReference.TryParse(scalar.Text, out var reference);
        value = good ? reference : Neutral;
        return good ? null : Explain(scalar.Text);
    }

    public override JsonObject Schema() => new() { ["type"] = "string", ["pattern"] = Pattern };

    private static Complaint Explain(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var found = $"found {Shown.Quoted(text)}, ";
        if (slash < 0)
        {
            var mend = DnsLabelAttribute.IsLabel(text) ? $"write \"deployment/{text}\" or \"probe/{text}\"" : "write \"deployment/storefront\" or the like";
            return new Complaint(ScenarioErrorCodes.Reference, found + "a reference is kind/name", mend);
        }

        var (kind, name) = (text[..slash], text[(slash + 1)..]);
        if (!WorkloadReference.TryParse(kind + "/x", out _))
        {
            return new Complaint(
                ScenarioErrorCodes.Reference, found + $"the kind is {Shown.OneOf(Words)}",
                NearestName.Of(kind, Words) is { } near ? $"did you mean \"{near}/{(name.Length is > 0 and < 64 ? name : "NAME")}\"?" : "write \"deployment/storefront\" or the like");
        }

        return new Complaint(
            ScenarioErrorCodes.Reference, found + "a name is lower-case letters, digits, \"-\" and \".\", with a letter or digit at both ends",
            "write the name as kubectl shows it");
    }
}
