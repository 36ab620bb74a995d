using System.Text.Json;
using ChaosDrill.Model.Scenarios;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace ChaosDrill.Model.Tests.Scenarios;

public sealed class WorkloadReferenceTests
{
    [Theory]
    [InlineData("deployment/storefront", "deployment/storefront")]
    [InlineData("deploy/storefront", "deployment/storefront")]
    [InlineData("Deployments/storefront", "deployment/storefront")]
    [InlineData("sts/db-0", "statefulset/db-0")]
    [InlineData("StatefulSet/db", "statefulset/db")]
    [InlineData("ds/log.agent", "daemonset/log.agent")]
    [InlineData("rs/web-7d4b9", "replicaset/web-7d4b9")]
    [InlineData("probe/storefront", "probe/storefront")]
    public void TryParse_Reference_HasTheFullKind(string text, string expected)
    {
        Assert.True(WorkloadReference.TryParse(text, out var reference));
        Assert.Equal(expected, reference.ToString());
        Assert.Equal(expected.StartsWith("probe/", StringComparison.Ordinal), reference.IsProbe);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("storefront")]
    [InlineData("deployment")]
    [InlineData("deployment/")]
    [InlineData("/storefront")]
    [InlineData("pod/storefront")]
    [InlineData("deployment/a/b")]
    [InlineData("deployment/Storefront")]
    [InlineData("deployment/-a")]
    [InlineData("deployment/a-")]
    [InlineData("deployment/a b")]
    [InlineData("deployment/a\n")]
    [InlineData("deployment/é")]
    [InlineData(" deployment/a")]
    public void TryParse_AnythingElse_IsRefused(string text) => Assert.False(WorkloadReference.TryParse(text, out _));

    [Fact]
    public void TryParse_NameTooLongForAnObject_IsRefused()
    {
        Assert.True(WorkloadReference.TryParse("deployment/" + new string('a', 253), out _));
        Assert.False(WorkloadReference.TryParse("deployment/" + new string('a', 254), out _));
    }

    [Fact]
    public void TryParse_WhatWasWritten_IsTheSame()
    {
        var text = Gen.Elements("deploy/", "sts/", "probe/", "rs/", "x/", "").SelectMany(kind => Gen.Elements("ab0-./ A".ToCharArray()).ArrayOf().Select(name => kind + new string(name)));
        Prop.ForAll(text.ToArbitrary(), t =>
            !WorkloadReference.TryParse(t, out var reference) || (WorkloadReference.TryParse(reference.ToString(), out var again) && again == reference)).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Json_WritesAndReadsKindAndName()
    {
        Assert.Equal("\"deployment/web\"", JsonSerializer.Serialize(new WorkloadReference("deployment", "web")));
        Assert.Equal(new WorkloadReference("deployment", "web"), JsonSerializer.Deserialize<WorkloadReference>("\"deploy/web\""));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<WorkloadReference>("\"web\""));
    }
}
