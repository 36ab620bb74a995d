using System.Globalization;
using System.Security.Cryptography;
using ChaosDrill.Actions.Clusters;
using ChaosDrill.Actions.Etcd;
using ChaosDrill.Actions.Etcd.Client;
using ChaosDrill.Actions.Etcd.Local;
using ChaosDrill.Actions.Faults.ControlPlaneFailure;
using ChaosDrill.Actions.Programs;
using ChaosDrill.Actions.Restores.EtcdRestoreVerify;
using ChaosDrill.Actions.Restores.EtcdSnapshot;
using ChaosDrill.Actions.Undos;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model.Plans;

namespace ChaosDrill.Actions.Faults.EtcdDisaster;

/// <summary>Loses every member of etcd, once it is proved that a snapshot can bring it back.</summary>
internal sealed class EtcdDisasterFault(EtcdDisaster options, EtcdSession session, PlannedOutage outage, KubernetesClient client, string ns) : IFault
{
    private static readonly TimeSpan _dryLimit = TimeSpan.FromHours(1);

    private static readonly TimeSpan _effectLimit = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(50);

    private readonly EtcdAccess? _access = EtcdPresets.Of(options, session.Access);

    private readonly TimeProvider _clock = client.Clock;

    public IReadOnlyList<AccessNeed> Needs => [.. StopMark.Needs(ns, EtcdLoss.Stopped)];

    public async Task<FaultPlan> PlanAsync(Random random, CancellationToken cancellationToken)
    {
        List<Refusal> refusals =
        [
            .. (await EtcdTools.FindAsync(options.Bin, _clock, cancellationToken)).MissingToRestore(),
            .. Guards(),
            .. _access is null ? [EtcdPresets.NoAccess] : EtcdPresets.Unreadable(_access),
        ];
        IReadOnlyList<EtcdMember> members = [];
        if (refusals.Count == 0)
        {
            try
            {
                members = await EtcdMember.FindAllAsync(_access!, _clock, cancellationToken);
                refusals.AddRange(Unnamed(members));
            }
            catch (EtcdException e)
            {
                refusals.Add(new Refusal(RefusalKind.Missing, e.Message, "correct endpoints and certificates, or start etcd"));
            }
        }

        return new FaultPlan(
            $"end every member of etcd and move its data aside, once {options.Snapshot ?? "the snapshot that this drill takes"} was restored into a scratch etcd and proved",
            [.. members.Select(TargetOf)], members.Count, "put the old data back and start etcd and the API servers, unless etcd was restored and proved", refusals);
    }

    public Task InjectAsync(FaultPlan plan, IFaultReport report, CancellationToken cancellationToken) => ClusterFailure.Translate(async () =>
    {
        var snapshot = options.Snapshot ?? session.Taken.Last
            ?? throw new ClusterException("no snapshot was taken before, so nothing was touched: put an etcdSnapshot step before this one, or name one with snapshot:");
        await RehearseAsync(snapshot, report, cancellationToken);
        var members = await EtcdMember.FindAllAsync(_access!, _clock, cancellationToken);
        var plant = new EtcdPlant(session.Twin, Hosts(), Apis(), RandomNumberGenerator.GetHexString(8, lowercase: true), options.CommandTimeout);
        var access = _access! with { Endpoints = [.. members.Select(m => m.Endpoint)] };

        // Gone in the reverse order: first the data, then the API servers.
        var payload = EtcdLoss.Payload(ns, plant, access, members.Count);
        var apis = report.RecordUndo(EtcdLoss.ApiUndo, "start the API servers again", payload, EtcdLoss.Within);
        await EtcdLoss.MarkAsync(ns, client, apis, cancellationToken);
        var data = report.RecordUndo(EtcdLoss.DataUndo, $"put etcd's old data back from {plant.Aside}, and start it", payload, EtcdLoss.Within);
        session.Loss = new EtcdLoss(plant, access, members.Count, snapshot, options.Bin) { Apis = apis, Data = data };
        outage.Begin();
        outage.NamespaceIsAway = true;
        foreach (var member in members)
        {
            report.Requested(TargetOf(member));
        }

        var begin = _clock.GetTimestamp();
        foreach (var member in members)
        {
            await plant.StopAsync(member.Name, _clock, cancellationToken);
            await plant.MoveAsideAsync(member.Name, _clock, cancellationToken);
            report.Acknowledged(TargetOf(member));
        }

        foreach (var member in members)
        {
            await SeeSilentAsync(member, begin, report, cancellationToken);
        }

        report.Note($"the old data lies at {plant.Aside}");
    });

    private static Target TargetOf(EtcdMember member) => new("EtcdMember", null, member.Name, member.Id.ToString("x", CultureInfo.InvariantCulture), member.Endpoint);

    private IEnumerable<Refusal> Guards()
    {
        if (session.Twin is not null)
        {
            yield break;
        }

        if (options.Confirm != session.Cluster)
        {
            yield return new Refusal(
                RefusalKind.Guard, $"the step confirms the loss of the etcd of {options.Confirm}, but this cluster is {session.Cluster}", $"if {session.Cluster} is really meant, write confirm: {session.Cluster}");
        }

        if (options.Members.Count == 0 || options.ApiServers.Count == 0)
        {
            yield return new Refusal(
                RefusalKind.Guard, "nothing says how the members of this etcd, or its API servers, are reached",
                "name the commands for each host in the step: members: [{ name, stop, moveAside, restore, start, putBack, aside }] and apiServers: [{ stop, start }]");
        }
    }

    private IEnumerable<Refusal> Unnamed(IReadOnlyList<EtcdMember> members)
    {
        if (session.Twin is null && !members.Select(m => m.Name).Order(StringComparer.Ordinal).SequenceEqual(options.Members.Select(m => m.Name).Order(StringComparer.Ordinal)))
        {
            yield return new Refusal(
                RefusalKind.Guard, $"etcd has the members {string.Join(", ", members.Select(m => m.Name))}, and the step names {string.Join(", ", options.Members.Select(m => m.Name))}",
                "name every member under members:, once: a member that is left out would go on with the old data");
        }

        if (members.FirstOrDefault(m => m.Status is null) is { } silent)
        {
            yield return new Refusal(RefusalKind.Guard, $"member {silent.Name} at {silent.Endpoint} does not answer", "start it first: a drill begins with a healthy etcd");
        }
    }

    /// <summary>What cannot be restored into a scratch etcd must not be lost.</summary>
    private async Task RehearseAsync(string snapshot, IFaultReport report, CancellationToken cancellationToken)
    {
        var tools = await EtcdTools.FindAsync(options.Bin, _clock, cancellationToken);
        var dry = new DryRestore(report);
        var outcome = await new RestoreVerification(tools, _clock).RunAsync(
            new VerificationRequest(snapshot, null, null, 1, options.Scratch ?? Path.GetTempPath(), _dryLimit), dry, cancellationToken);
        if ((dry.Trouble ?? outcome.Reason) is { } trouble)
        {
            throw new ClusterException($"nothing was touched, because {snapshot} may not bring etcd back: {trouble}");
        }
    }

    private async Task SeeSilentAsync(EtcdMember member, long begin, IFaultReport report, CancellationToken cancellationToken)
    {
        while (_clock.GetElapsedTime(begin) < _effectLimit)
        {
            var asked = _clock.GetTimestamp();
            if (await member.AskAsync(_access!, _clock, cancellationToken) is { Silence: { } silence })
            {
                report.TookEffect(TargetOf(member), silence, asked);
                return;
            }

            await Task.Delay(_pause, _clock, cancellationToken);
        }
    }

    private IReadOnlyList<EtcdPlant.Host> Hosts() => session.Twin is not null ? [] :
    [
        .. options.Members.Select(m => new EtcdPlant.Host(
            m.Name, new HostCommand(m.Stop), new HostCommand(m.MoveAside), new HostCommand(m.Restore), new HostCommand(m.Start), new HostCommand(m.PutBack), m.Aside)),
    ];

    private IReadOnlyList<EtcdPlant.Pair> Apis() => session.Twin is not null ? [] : [.. options.ApiServers.Select(a => new EtcdPlant.Pair(new HostCommand(a.Stop), new HostCommand(a.Start)))];
}
