using ChaosDrill.Actions.Etcd.Client;
using ChaosDrill.Actions.Faults.EtcdDisaster;
using ChaosDrill.Actions.Faults.EtcdKill;
using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Actions.Restores.EtcdSnapshot;

/// <summary>Where etcd is and with what it is asked: from the step, from a preset, or the cluster's own.</summary>
internal static class EtcdPresets
{
    private static readonly Dictionary<string, EtcdAccess> _all = new()
    {
        ["kubeadm"] = new(
            ["https://127.0.0.1:2379"], "/etc/kubernetes/pki/etcd/ca.crt", "/etc/kubernetes/pki/etcd/server.crt", "/etc/kubernetes/pki/etcd/server.key"),
        ["k3s"] = new(
            ["https://127.0.0.1:2379"], "/var/lib/rancher/k3s/server/tls/etcd/server-ca.crt",
            "/var/lib/rancher/k3s/server/tls/etcd/client.crt", "/var/lib/rancher/k3s/server/tls/etcd/client.key"),
    };

    /// <summary>The access that a step asks for; null when neither it nor the cluster says where etcd is.</summary>
    public static EtcdAccess? Of(EtcdSnapshot options, EtcdAccess? own) => Of(options.Endpoints, options.Preset, options.Ca, options.Cert, options.Key, own);

    /// <summary>The same for a ledger that is written to etcd.</summary>
    public static EtcdAccess? Of(LedgerSpec ledger, EtcdAccess? own) => Of(ledger.Endpoints, ledger.Preset, ledger.Ca, ledger.Cert, ledger.Key, own);

    /// <summary>The same for the kill of a member.</summary>
    public static EtcdAccess? Of(EtcdKill kill, EtcdAccess? own) => Of(kill.Endpoints, kill.Preset, kill.Ca, kill.Cert, kill.Key, own);

    /// <summary>The same for the loss of etcd.</summary>
    public static EtcdAccess? Of(EtcdDisaster loss, EtcdAccess? own) => Of(loss.Endpoints, loss.Preset, loss.Ca, loss.Cert, loss.Key, own);

    private static EtcdAccess? Of(IReadOnlyList<string> asked, string? name, string? ca, string? cert, string? key, EtcdAccess? own)
    {
        var preset = name is null ? null : _all[name];
        var endpoints = asked.Count > 0 ? asked : preset?.Endpoints;
        return endpoints is null ? own : new EtcdAccess(endpoints, ca ?? preset?.CaFile, cert ?? preset?.CertFile, key ?? preset?.KeyFile);
    }

    /// <summary>Why there is no access, and what to do instead.</summary>
    public static Refusal NoAccess { get; } = new(
        RefusalKind.Missing, "nothing says where this cluster's etcd is",
        "write endpoints (with ca, cert and key), or preset: kubeadm or k3s, and run on a control-plane node; managed clusters (EKS, GKE, AKS) give no access to their etcd: " +
        "drill the restore of namespaces and volumes with Velero instead; on the twin write twin: { etcd: 1 }");

    /// <summary>The files of an access that cannot be read.</summary>
    public static IEnumerable<Refusal> Unreadable(EtcdAccess access)
    {
        foreach (var (field, file) in new[] { ("ca", access.CaFile), ("cert", access.CertFile), ("key", access.KeyFile) })
        {
            if (file is not null && !CanRead(file))
            {
                yield return new Refusal(
                    RefusalKind.Missing, $"{file} cannot be read", $"correct {field}:, or run where the file can be read (on a control-plane node, as root)");
            }
        }
    }

    private static bool CanRead(string file)
    {
        try
        {
            using var handle = File.OpenHandle(file);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
