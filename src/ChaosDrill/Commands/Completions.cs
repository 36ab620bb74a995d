using System.CommandLine.Completions;
using ChaosDrill.Engine.Ports;
using ChaosDrill.Hosting;
using ChaosDrill.Kubernetes;
using ChaosDrill.Store;

namespace ChaosDrill.Commands;

/// <summary>What the shell may offer. A completion that cannot be had offers nothing; it never prints an error into a prompt.</summary>
internal static class Completions
{
    private const int Offered = 20;

    /// <summary>Ids of the newest drills.</summary>
    public static IEnumerable<CompletionItem> DrillIds(CompletionContext context)
    {
        try
        {
            using var store = DrillStore.OpenReadOnly(Places.Store(null));
            return [new CompletionItem("latest"), .. store.History(new HistoryFilter { Limit = Offered }).Select(d => new CompletionItem(d.Id))];
        }
        catch (Exception e) when (e is JournalException or CommandException)
        {
            return [];
        }
    }

    /// <summary>Contexts of the kubeconfig.</summary>
    public static IEnumerable<CompletionItem> Contexts(CompletionContext context)
    {
        try
        {
            return [.. Kubeconfig.Load().Contexts.Select(c => new CompletionItem(c))];
        }
        catch (KubeconfigException)
        {
            return [];
        }
    }
}
