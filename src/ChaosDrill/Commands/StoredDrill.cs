using ChaosDrill.Hosting;
using ChaosDrill.Model.Drills;
using ChaosDrill.Store;

namespace ChaosDrill.Commands;

/// <summary>A drill read back from the store, and judged anew from its timeline.</summary>
internal sealed record StoredDrill(DrillSummary Summary, DrillRecord Record, Judgement Judgement)
{
    /// <summary>Reads a drill.</summary>
    /// <exception cref="CommandException">The store is empty.</exception>
    /// <exception cref="DrillLookupException">The id names none, or several.</exception>
    public static StoredDrill Read(string? store, string id)
    {
        using var drills = DrillStore.OpenReadOnly(Places.Store(store));
        var summary = drills.Find(id) ?? throw new CommandException(ExitCode.BadUsage, "the store holds no drill yet; make one with: chaosdrill run SCENARIO");
        var record = drills.Read(summary.Id)!;
        return new StoredDrill(summary, record, Judge.Of(record));
    }
}
