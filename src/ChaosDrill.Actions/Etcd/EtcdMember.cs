using ChaosDrill.Actions.Etcd.Client;

namespace ChaosDrill.Actions.Etcd;

/// <summary>A member as its cluster lists it, with what it says of itself.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Id">Its id.</param>
/// <param name="Endpoint">Where it is asked.</param>
/// <param name="Status">What it says; null when it does not answer.</param>
internal sealed record EtcdMember(string Name, ulong Id, string Endpoint, MemberStatus? Status)
{
    /// <summary>How long one member may take to answer: one that takes longer serves nobody.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(2);

    /// <summary>Whether it takes itself for the leader.</summary>
    public bool IsLeader => Status is { } status && status.Leader == status.MemberId;

    /// <summary>The members of the cluster that endpoints lead to; those that are not among the endpoints are asked where the cluster says.</summary>
    /// <exception cref="EtcdException">No endpoint answers.</exception>
    public static async Task<IReadOnlyList<EtcdMember>> FindAllAsync(EtcdAccess access, TimeProvider clock, CancellationToken cancellationToken)
    {
        EtcdException? last = null;
        var seen = new Dictionary<ulong, (string Endpoint, MemberStatus Status)>();
        IReadOnlyList<Member>? listed = null;
        foreach (var endpoint in access.Endpoints)
        {
            using var client = new EtcdClient(access.At(endpoint), clock) { Limit = _patience };
            try
            {
                var status = await client.StatusAsync(cancellationToken);
                seen[status.MemberId] = (endpoint, status);
                listed ??= await client.MembersAsync(cancellationToken);
            }
            catch (EtcdException e)
            {
                last = e;
            }
        }

        var members = new List<EtcdMember>();
        foreach (var member in listed ?? throw last!)
        {
            if (seen.TryGetValue(member.Id, out var known))
            {
                members.Add(new EtcdMember(member.Name, member.Id, known.Endpoint, known.Status));
            }
            else if (member.ClientUrls is [var endpoint, ..])
            {
                var there = new EtcdMember(member.Name, member.Id, endpoint, null);
                members.Add(there with { Status = await there.AskAsync(access, clock, cancellationToken) is (var status, _) ? status : null });
            }
        }

        return members;
    }

    /// <summary>Asks the member what it says of itself now.</summary>
    /// <returns>Its status, or why there is none.</returns>
    public async Task<(MemberStatus? Status, string? Silence)> AskAsync(EtcdAccess access, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var client = new EtcdClient(access.At(Endpoint), clock) { Limit = _patience };
        try
        {
            return (await client.StatusAsync(cancellationToken), null);
        }
        catch (EtcdException e)
        {
            return (null, e.Message);
        }
    }
}
