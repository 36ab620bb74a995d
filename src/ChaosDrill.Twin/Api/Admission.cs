using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Api;

/// <summary>What the built-in admission plugins add to new objects.</summary>
internal sealed class Admission(ControlPlane plane)
{
    private int nextAddress = 10;

    public void Admit(ResourceType type, JsonObject json)
    {
        if (type == BuiltInTypes.Pods)
        {
            LimitRanges.Admit(plane.Store.List(BuiltInTypes.LimitRanges, json.Meta().Str("namespace")), json);
            AdmitPod(json.Meta().Str("name") ?? "", json.Child("spec"));
        }
        else if (type == BuiltInTypes.Services)
        {
            AllocateAddress(json.Child("spec"));
        }
    }

    private void AdmitPod(string name, JsonObject spec)
    {
        spec.Default("serviceAccountName", "default");
        spec.Default("serviceAccount", spec.Str("serviceAccountName"));
        if (spec.Bool("automountServiceAccountToken") != false)
        {
            MountToken(spec);
        }

        var tolerations = spec["tolerations"] as JsonArray;
        if (tolerations is null)
        {
            spec["tolerations"] = tolerations = [];
        }

        foreach (var taint in (string[])["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"])
        {
            if (!tolerations.Objects().Any(t => (t.Str("key") == taint || t.Str("key") is null or "") && t.Str("effect") is null or "" or "NoExecute"))
            {
                tolerations.Add(new JsonObject { ["key"] = taint, ["operator"] = "Exists", ["effect"] = "NoExecute", ["tolerationSeconds"] = 300L });
            }
        }

        Prioritize(name, spec);
    }

    /// <summary>A pod's priority is that of its class, or of the class that is the default of the cluster.</summary>
    private void Prioritize(string name, JsonObject spec)
    {
        var classes = plane.Store.List(BuiltInTypes.PriorityClasses);
        JsonObject? found;
        if (spec.Str("priorityClassName") is { Length: > 0 } wanted)
        {
            found = classes.FirstOrDefault(c => c.Name == wanted)?.Json ?? throw Failure.Forbidden(BuiltInTypes.Pods, name, $"no PriorityClass with name {wanted} was found");
        }
        else
        {
            found = classes.FirstOrDefault(c => c.Json.Bool("globalDefault") == true)?.Json;
            if (found is not null)
            {
                spec["priorityClassName"] = found.Obj("metadata").Str("name");
            }
        }

        spec["priority"] = found.Int("value") ?? 0;
        spec.Default("preemptionPolicy", found.Str("preemptionPolicy") ?? "PreemptLowerPriority");
    }

    private void MountToken(JsonObject spec)
    {
        const string mountPath = "/var/run/secrets/kubernetes.io/serviceaccount";
        var name = $"kube-api-access-{plane.Seed.Suffix()}";
        if (spec["volumes"] is not JsonArray volumes)
        {
            spec["volumes"] = volumes = [];
        }

        volumes.Add(new JsonObject
        {
            ["name"] = name,
            ["projected"] = new JsonObject
            {
                ["sources"] = new JsonArray(
                    new JsonObject { ["serviceAccountToken"] = new JsonObject { ["expirationSeconds"] = 3607L, ["path"] = "token" } },
                    new JsonObject
                    {
                        ["configMap"] = new JsonObject { ["name"] = "kube-root-ca.crt", ["items"] = new JsonArray(new JsonObject { ["key"] = "ca.crt", ["path"] = "ca.crt" }) },
                    },
                    new JsonObject
                    {
                        ["downwardAPI"] = new JsonObject
                        {
                            ["items"] = new JsonArray(new JsonObject
                            {
                                ["path"] = "namespace",
                                ["fieldRef"] = new JsonObject { ["apiVersion"] = "v1", ["fieldPath"] = "metadata.namespace" },
                            }),
                        },
                    }),
                ["defaultMode"] = 420L,
            },
        });
        foreach (var container in spec.Arr("containers").Objects())
        {
            if (container["volumeMounts"] is not JsonArray mounts)
            {
                container["volumeMounts"] = mounts = [];
            }

            if (!mounts.Objects().Any(m => m.Str("mountPath") == mountPath))
            {
                mounts.Add(new JsonObject { ["name"] = name, ["readOnly"] = true, ["mountPath"] = mountPath });
            }
        }
    }

    private void AllocateAddress(JsonObject spec)
    {
        if (spec.Str("type") == "ExternalName" || spec.Str("clusterIP") == "None")
        {
            spec.Default("clusterIPs", spec.Str("clusterIP") == "None" ? new JsonArray("None") : null);
            if (spec["clusterIPs"] is null)
            {
                spec.Remove("clusterIPs");
            }

            return;
        }

        if (spec.Str("clusterIP") is not { Length: > 0 } address)
        {
            address = $"10.96.{nextAddress / 250}.{nextAddress % 250 + 1}";
            nextAddress++;
        }

        spec["clusterIP"] = address;
        spec["clusterIPs"] = new JsonArray(address);
    }
}
