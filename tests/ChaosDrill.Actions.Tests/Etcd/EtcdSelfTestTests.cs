using Xunit;
using ChaosDrill.Actions.Restores.SelfTest;

namespace ChaosDrill.Actions.Tests.Etcd;

public sealed class EtcdSelfTestTests
{
    [RealEtcdFact]
    public async Task SelfTest_EveryBadSnapshotIsCaught_AndTheSoundOneIsNot()
    {
        var results = new List<SelfTestResult>();
        await foreach (var result in EtcdSelfTest.RunAsync(null, 7, TimeProvider.System, TestContext.Current.CancellationToken))
        {
            results.Add(result);
        }

        Assert.DoesNotContain(results, r => !r.Passed);
        Assert.True(results.Count > 70, $"{results.Count} controls");
    }
}
