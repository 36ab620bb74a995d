using System.Globalization;
using ChaosDrill.Actions.Clusters;
using ChaosDrill.Actions.Etcd;
using ChaosDrill.Actions.Etcd.Client;
using ChaosDrill.Actions.Programs;
using ChaosDrill.Actions.Restores.EtcdSnapshot;
using ChaosDrill.Actions.Undos;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Kubernetes;
using ChaosDrill.Model;
using ChaosDrill.Model.Measures;
using ChaosDrill.Model.Plans;

namespace ChaosDrill.Actions.Faults.EtcdKill;

/// <summary>Ends a member of etcd, proves that it is gone, and looks whether the others go on.</summary>
internal sealed class EtcdKillFault(EtcdKill options, EtcdSession session, KubernetesClient client, string ns) : IFault
{
    private static readonly TimeSpan _effectLimit = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan _commandLimit = TimeSpan.FromMinutes(2);

    /// <summary>Between two questions to members: as finely is the time to a new leader told.</summary>
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(20);

    private readonly EtcdAccess? _access = EtcdPresets.Of(options, session.Access);

    private readonly TimeProvider _clock = client.Clock;

    public IReadOnlyList<AccessNeed> Needs => [.. StopMark.Needs(ns, null)];

    public TimeSpan? MaxDuration => options.MaxDuration;

    public async Task<FaultPlan> PlanAsync(Random random, CancellationToken cancellationToken)
    {
        var what = options is EtcdLeaderKill ? "the member of etcd that leads" : $"member {(options as EtcdMemberKill)?.Member ?? "of etcd by chance"}";
        var (members, refusals) = await LookAsync(cancellationToken);
        var chosen = refusals.Count == 0 ? Choose(members, random, refusals) : null;
        return new FaultPlan(
            $"kill {what}{(chosen is null ? "" : $": {chosen.Name} at {chosen.Endpoint}")}", chosen is null ? [] : [TargetOf(chosen)], members.Count,
            "start the member again", refusals);
    }

    public Task InjectAsync(FaultPlan plan, IFaultReport report, CancellationToken cancellationToken) => ClusterFailure.Translate(async () =>
    {
        var target = plan.Targets[0];
        var members = await EtcdMember.FindAllAsync(_access!, _clock, cancellationToken);
        var victim = members.Single(m => TargetOf(m).Uid == target.Uid);
        var stopped = new StoppedMember(
            ns, victim.Name, target.Uid, session.Twin is not null, session.Twin is null ? new HostCommand(options.StartCommand).With("{member}", victim.Name) : null, _access!.At(victim.Endpoint));
        var undo = report.RecordUndo(StoppedMember.UndoKind, $"start etcd member {victim.Name} again", stopped.ToJson().ToJsonString());
        await stopped.MarkAsync(client, undo, cancellationToken);
        report.Requested(target);
        var begin = _clock.GetTimestamp();
        await StopAsync(victim.Name, cancellationToken);
        report.Acknowledged(target);
        if (await SeeSilentAsync(victim, begin, cancellationToken) is not (var silence, var gone))
        {
            return;
        }

        report.TookEffect(target, silence, gone);
        await SeeLeaderAsync([.. members.Where(m => m.Id != victim.Id && m.Status is not null)], victim, begin, report, cancellationToken);
    });

    private static Target TargetOf(EtcdMember member) =>
        new("EtcdMember", null, member.Name, member.Id.ToString("x", CultureInfo.InvariantCulture), member.Endpoint + (member.IsLeader ? ", leads" : ""));

    private async Task<(IReadOnlyList<EtcdMember> Members, List<Refusal> Refusals)> LookAsync(CancellationToken cancellationToken)
    {
        if (_access is null)
        {
            return ([], [EtcdPresets.NoAccess]);
        }

        var refusals = EtcdPresets.Unreadable(_access).ToList();
        if (session.Twin is null && options.StopCommand.Count == 0)
        {
            refusals.Add(new Refusal(
                RefusalKind.Guard, "nothing says how a member of this etcd is ended",
                "name the commands in the step: stopCommand: [PROGRAM, ARGUMENT, ...] and startCommand: [PROGRAM, ARGUMENT, ...], with {member} for the member's name"));
        }

        if (refusals.Count > 0)
        {
            return ([], refusals);
        }

        try
        {
            return (await EtcdMember.FindAllAsync(_access, _clock, cancellationToken), refusals);
        }
        catch (EtcdException e)
        {
            return ([], [new Refusal(RefusalKind.Missing, e.Message, "correct endpoints and certificates, or start etcd")]);
        }
    }

    private EtcdMember? Choose(IReadOnlyList<EtcdMember> members, Random random, List<Refusal> refusals)
    {
        var named = (options as EtcdMemberKill)?.Member;
        var eligible = members.Where(m => options is EtcdLeaderKill ? m.IsLeader : named is null || m.Name == named).ToList();
        if (eligible.Count == 0)
        {
            refusals.Add(named is null
                ? new Refusal(RefusalKind.Missing, "no member of etcd leads", "look at etcdctl endpoint status --cluster: without a leader nothing is written already")
                : new Refusal(RefusalKind.Missing, $"etcd has no member {named}; there are {string.Join(", ", members.Select(m => m.Name))}", "correct member:"));
            return null;
        }

        var chosen = eligible[random.Next(eligible.Count)];
        var left = members.Count(m => m.Id != chosen.Id && m.Status is { IsLearner: false });
        var quorum = (members.Count(m => m.Status is not { IsLearner: true }) / 2) + 1;
        if (chosen.Status is null)
        {
            refusals.Add(new Refusal(RefusalKind.Guard, $"member {chosen.Name} at {chosen.Endpoint} does not answer already", "start it, or choose another"));
        }
        else if (left < quorum)
        {
            refusals.Add(new Refusal(
                RefusalKind.Guard, $"without member {chosen.Name} only {left} of {members.Count} members would answer, and etcd needs {quorum} to take writes",
                members.Count < 3 ? "an etcd of fewer than three members survives no loss; drill that with etcdDisaster and etcdRestore" : "start the members that are down first"));
        }

        return chosen;
    }

    private Task StopAsync(string member, CancellationToken cancellationToken) => session.Twin is { } twin
        ? twin.KillAsync(member)
        : new HostCommand(options.StopCommand).With("{member}", member).RunAsync(_commandLimit, _clock, cancellationToken);

    /// <summary>Asks until no answer comes: gone since it was asked, but not before the kill was asked for.</summary>
    private async Task<(string Silence, long At)?> SeeSilentAsync(EtcdMember victim, long begin, CancellationToken cancellationToken)
    {
        while (_clock.GetElapsedTime(begin) < _effectLimit)
        {
            var asked = _clock.GetTimestamp();
            if (await victim.AskAsync(_access!, _clock, cancellationToken) is { Silence: { } silence })
            {
                return (silence, asked);
            }

            await Task.Delay(_pause, _clock, cancellationToken);
        }

        return null;
    }

    /// <summary>Asks the others until most of the cluster has the same living leader.</summary>
    private async Task SeeLeaderAsync(IReadOnlyList<EtcdMember> others, EtcdMember victim, long begin, IFaultReport report, CancellationToken cancellationToken)
    {
        const string Check = "the other members have a leader";
        var before = begin;
        var seen = "none of them answered";
        while (_clock.GetElapsedTime(begin) < options.LeaderWithin)
        {
            var asked = _clock.GetTimestamp();
            var all = await Task.WhenAll(others.Select(o => o.AskAsync(_access!, _clock, cancellationToken)));
            ulong[] leaders = [.. all.Select(a => a.Status?.Leader ?? 0).Distinct()];
            if (leaders is [not 0 and var leader] && leader != victim.Id && others.FirstOrDefault(o => o.Id == leader) is { } chosen)
            {
                var (at, low, high) = (_clock.GetElapsedTime(begin, asked), _clock.GetElapsedTime(begin, before), _clock.GetElapsedTime(begin));
                report.Check(Check, true, $"{chosen.Name}{(victim.IsLeader ? $", {Figures.Seconds(at)} after {victim.Name} was killed" : ", as before")}");
                if (victim.IsLeader)
                {
                    report.Phase("new leader", chosen.Name, asked);
                    report.Figure("time to new leader", MeasureUnit.Seconds, at.TotalSeconds, low.TotalSeconds, high.TotalSeconds);
                }

                return;
            }

            seen = string.Join(", ", others.Zip(all, (o, a) => $"{o.Name}: {(a.Status is not { } status ? a.Silence : status.Leader == 0 ? "knows no leader" : $"follows {status.Leader:x}")}"));
            before = asked;
            await Task.Delay(_pause, _clock, cancellationToken);
        }

        report.Check(Check, false, $"not within {GoDuration.Format(options.LeaderWithin)}: {seen}");
    }
}
