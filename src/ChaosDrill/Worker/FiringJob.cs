using Quartz;
using Quartz.Extensibility;

namespace ChaosDrill.Worker;

/// <summary>What Quartz runs when a schedule is due: hands over to the worker, which claims the firing, and is done.</summary>
/// <remarks>
/// Quartz fires a trigger again after a crash, with its old time, when the handing over was not finished. The claim tells
/// one that was from one that was not.
/// </remarks>
internal sealed class FiringJob(Func<string, DateTimeOffset, CancellationToken, Task> fire) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
    {
        var name = (context.Recovering ? context.RecoveringTriggerKey ?? context.Trigger.Key : context.Trigger.Key).Name;
        await fire(name, context.ScheduledFireTimeUtc ?? context.FireTimeUtc, cancellationToken);
    }

    /// <summary>Makes the job; it keeps nothing, so that one does for all.</summary>
    internal sealed class Factory(FiringJob job) : IJobFactory
    {
        public ValueTask<JobScope> CreateJob(TriggerFiredBundle bundle, IScheduler scheduler, CancellationToken cancellationToken) =>
            ValueTask.FromResult(new JobScope(job, null));

        public ValueTask ReturnJob(JobScope scope, CancellationToken cancellationToken) => ValueTask.CompletedTask;
    }
}
