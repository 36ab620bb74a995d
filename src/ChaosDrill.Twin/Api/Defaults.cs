using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Api;

/// <summary>What the server fills in where a client says nothing.</summary>
internal static class Defaults
{
    public static void Apply(ResourceType type, JsonObject json)
    {
        switch (type.Kind)
        {
            case "Namespace":
                Namespace(json);
                break;
            case "Pod":
                PodSpec(json.Child("spec"));
                Pod(json);
                break;
            case "Deployment":
                Deployment(json);
                break;
            case "ReplicaSet":
                json.Child("spec").Default("replicas", 1L);
                Template(json.Child("spec"));
                json.Default("status", new JsonObject { ["replicas"] = 0L });
                break;
            case "StatefulSet" or "DaemonSet" or "Job" or "CronJob":
                WorkloadDefaults.Apply(type, json);
                break;
            case "Service":
                Service(json.Child("spec"));
                json.Default("status", new JsonObject { ["loadBalancer"] = new JsonObject() });
                break;
            case "Secret":
                Secret(json);
                break;
            case "PodDisruptionBudget":
                json.Default("status", new JsonObject { ["disruptionsAllowed"] = 0L, ["currentHealthy"] = 0L, ["desiredHealthy"] = 0L, ["expectedPods"] = 0L });
                break;
            case "LimitRange":
                LimitRanges.Default(json);
                break;
            case "NetworkPolicy":
                NetworkPolicy(json.Child("spec"));
                break;
            case "RoleBinding" or "ClusterRoleBinding":
                Access.AccessRules.Defaults(json);
                break;
            case "Event":
                Event(json);
                break;
        }
    }

    /// <summary>What an update that leaves it out does not clear.</summary>
    public static void Keep(StoredObject current, JsonObject json)
    {
        if (current.Type == BuiltInTypes.Services && json.Obj("spec") is { } spec && current.Spec is { } old)
        {
            foreach (var field in (string[])["clusterIP", "clusterIPs"])
            {
                if (spec[field] is null && old[field] is { } value && spec.Str("type") != "ExternalName")
                {
                    spec[field] = value.DeepClone();
                }
            }
        }
    }

    private static void NetworkPolicy(JsonObject spec)
    {
        spec.Default("podSelector", new JsonObject());
        spec.Default("policyTypes", spec.Arr("egress") is { Count: > 0 } ? new JsonArray("Ingress", "Egress") : new JsonArray("Ingress"));
        foreach (var port in spec.Arr("ingress").Objects().Concat(spec.Arr("egress").Objects()).SelectMany(r => r.Arr("ports").Objects()))
        {
            port.Default("protocol", "TCP");
        }
    }

    private static void Namespace(JsonObject json)
    {
        json.Meta().Child("labels")["kubernetes.io/metadata.name"] = json.Meta().Str("name");
        if (!json.Meta().ContainsKey("deletionTimestamp"))
        {
            json.Child("spec").Default("finalizers", new JsonArray("kubernetes"));
        }

        json.Child("status").Default("phase", "Active");
    }

    private static void Deployment(JsonObject json)
    {
        var spec = json.Child("spec");
        spec.Default("replicas", 1L);
        Template(spec);
        var strategy = spec.Child("strategy");
        strategy.Default("type", "RollingUpdate");
        if (strategy.Str("type") == "RollingUpdate")
        {
            var rolling = strategy.Child("rollingUpdate");
            rolling.Default("maxUnavailable", "25%");
            rolling.Default("maxSurge", "25%");
        }

        spec.Default("revisionHistoryLimit", 10L);
        spec.Default("progressDeadlineSeconds", 600L);
        json.Default("status", new JsonObject());
    }

    public static void Template(JsonObject spec)
    {
        var template = spec.Child("template");
        template.Child("metadata");
        PodSpec(template.Child("spec"));
    }

    private static void PodSpec(JsonObject spec)
    {
        foreach (var container in spec.Arr("containers").Objects())
        {
            Container(container);
        }

        foreach (var container in spec.Arr("initContainers").Objects())
        {
            Container(container);
        }

        foreach (var volume in spec.Arr("volumes").Objects())
        {
            foreach (var source in (string[])["configMap", "secret", "projected"])
            {
                volume.Obj(source)?.Default("defaultMode", 420L);
            }
        }

        spec.Default("restartPolicy", "Always");
        spec.Default("terminationGracePeriodSeconds", 30L);
        spec.Default("dnsPolicy", "ClusterFirst");
        if (spec.Str("serviceAccountName") is { } account)
        {
            spec.Default("serviceAccount", account);
        }

        spec.Default("securityContext", new JsonObject());
        spec.Default("schedulerName", "default-scheduler");
    }

    private static void Container(JsonObject container)
    {
        foreach (var port in container.Arr("ports").Objects())
        {
            port.Default("protocol", "TCP");
        }

        container.Default("resources", new JsonObject());
        foreach (var probe in (string[])["livenessProbe", "readinessProbe", "startupProbe"])
        {
            if (container.Obj(probe) is { } found)
            {
                found.Default("timeoutSeconds", 1L);
                found.Default("periodSeconds", 10L);
                found.Default("successThreshold", 1L);
                found.Default("failureThreshold", 3L);
                found.Obj("httpGet")?.Default("path", "/");
                found.Obj("httpGet")?.Default("scheme", "HTTP");
            }
        }

        foreach (var variable in container.Arr("env").Objects())
        {
            variable.Obj("valueFrom").Obj("fieldRef")?.Default("apiVersion", "v1");
        }

        container.Default("terminationMessagePath", "/dev/termination-log");
        container.Default("terminationMessagePolicy", "File");
        var image = container.Str("image") ?? "";
        var tag = image[(image.LastIndexOf('/') + 1)..];
        container.Default("imagePullPolicy", !image.Contains('@', StringComparison.Ordinal) && (!tag.Contains(':', StringComparison.Ordinal) || tag.EndsWith(":latest", StringComparison.Ordinal)) ? "Always" : "IfNotPresent");
        if (container.Obj("resources") is { } resources && resources.Obj("limits") is { } limits)
        {
            foreach (var (name, amount) in limits)
            {
                resources.Child("requests").Default(name, amount?.DeepClone());
            }
        }
    }

    private static void Pod(JsonObject json)
    {
        var spec = json.Child("spec");
        spec.Default("enableServiceLinks", true);
        var status = json.Child("status");
        status.Default("phase", "Pending");
        status.Default("qosClass", QosClass(spec));
    }

    private static string QosClass(JsonObject spec)
    {
        var any = false;
        var guaranteed = true;
        foreach (var container in spec.Arr("containers").Objects())
        {
            var requests = container.Obj("resources").Obj("requests");
            var limits = container.Obj("resources").Obj("limits");
            any |= requests is { Count: > 0 } || limits is { Count: > 0 };
            foreach (var resource in (string[])["cpu", "memory"])
            {
                guaranteed &= limits?[resource] is { } limit && (requests?[resource] is null || JsonNode.DeepEquals(requests[resource], limit));
            }
        }

        return !any ? "BestEffort" : guaranteed ? "Guaranteed" : "Burstable";
    }

    private static void Service(JsonObject spec)
    {
        spec.Default("type", "ClusterIP");
        foreach (var port in spec.Arr("ports").Objects())
        {
            port.Default("protocol", "TCP");
            if (port["targetPort"] is null)
            {
                port["targetPort"] = port["port"]?.DeepClone();
            }
        }

        spec.Default("sessionAffinity", "None");
        if (spec.Str("type") != "ExternalName")
        {
            spec.Default("ipFamilies", new JsonArray("IPv4"));
            spec.Default("ipFamilyPolicy", "SingleStack");
            spec.Default("internalTrafficPolicy", "Cluster");
        }
    }

    private static void Secret(JsonObject json)
    {
        json.Default("type", "Opaque");
        if (json.Obj("stringData") is { } plain)
        {
            foreach (var (key, value) in plain)
            {
                json.Child("data")[key] = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(value.AsStr() ?? ""));
            }

            json.Remove("stringData");
        }
    }

    private static void Event(JsonObject json)
    {
        json.Default("source", new JsonObject());
        foreach (var field in (string[])["firstTimestamp", "lastTimestamp", "eventTime"])
        {
            if (!json.ContainsKey(field))
            {
                json[field] = null;
            }
        }

        json.Default("reportingComponent", "");
        json.Default("reportingInstance", "");
    }
}
