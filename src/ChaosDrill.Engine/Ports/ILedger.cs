using ChaosDrill.Model.Plans;
using ChaosDrill.Model.Timelines;

namespace ChaosDrill.Engine.Ports;

/// <summary>Where numbered entries are written, and read back afterwards. One run's, told from every other's by a random id.</summary>
public interface ILedger
{
    /// <summary>Where, in a few words: <c>in config maps of namespace shop</c>.</summary>
    string Summary { get; }

    /// <summary>Rights that writing, reading back and removing need.</summary>
    IReadOnlyList<AccessNeed> Needs { get; }

    /// <summary>How all entries are removed: kind, description and payload of the undo that is recorded before the first is written.</summary>
    (string Kind, string Description, string Payload) WayBack { get; }

    /// <summary>Looks whether entries could be written, without writing one.</summary>
    Task<IReadOnlyList<Refusal>> CheckAsync(CancellationToken cancellationToken);

    /// <summary>Writes one entry. Several may be under way at once.</summary>
    /// <param name="number">Its number.</param>
    /// <param name="text">What it says.</param>
    /// <param name="undo">The recorded way back, for the mark on what is written.</param>
    /// <param name="cancellationToken">The time is over; whether the entry was written is not known then.</param>
    /// <returns>What became of it. Throws nothing but for cancellation.</returns>
    Task<EntryOutcome> WriteAsync(long number, string text, UndoRecord undo, CancellationToken cancellationToken);

    /// <summary>Reads every entry of this run that is there.</summary>
    /// <returns>Text by number.</returns>
    /// <exception cref="ClusterException">They cannot be read.</exception>
    Task<IReadOnlyDictionary<long, string>> ReadAsync(CancellationToken cancellationToken);
}
