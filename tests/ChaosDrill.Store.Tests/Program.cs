using ChaosDrill.Store.Tests;

// The victim is this executable itself, so that the kill tests need nothing else to be built.
return args is [Victim.Argument, .. var rest]
    ? Victim.Run(rest)
    : await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
