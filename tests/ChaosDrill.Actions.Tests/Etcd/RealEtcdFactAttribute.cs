using System.Runtime.CompilerServices;
using ChaosDrill.Kubernetes;
using Xunit;
using Xunit.v3;

namespace ChaosDrill.Actions.Tests.Etcd;

/// <summary>A test that needs etcd's programs, which tests/run installs; without them it says that it did not run. tests/run runs it with each version that it has.</summary>
internal sealed class RealEtcdFactAttribute : FactAttribute, ITraitAttribute
{
    public RealEtcdFactAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line)
    {
        Skip = ProgramPath.Find("etcd") is null || ProgramPath.Find("etcdctl") is null
            ? "needs etcd and etcdctl: apt-get install etcd-server etcd-client"
            : null;
    }

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("needs", "etcd")];
}
