using ChaosDrill.Hosting;

namespace ChaosDrill.Tests.Hosting;

public sealed class CommandWordsTests
{
    [Theory]
    [InlineData("kubectl get pods -l app=storefront", "kubectl|get|pods|-l|app=storefront")]
    [InlineData("kubectl get --raw '/readyz?verbose'", "kubectl|get|--raw|/readyz?verbose")]
    [InlineData("kubectl -n shop get pods -o yaml > pods.yaml", "kubectl|-n|shop|get|pods|-o|yaml")]
    [InlineData("kubectl get nodes -o custom-columns=READY:'.status[?(@.type==\"Ready\")].status',X:.y", "kubectl|get|nodes|-o|custom-columns=READY:.status[?(@.type==\"Ready\")].status,X:.y")]
    [InlineData("""kubectl --context 'it'"'"'s $(id)' get pods""", "kubectl|--context|it's $(id)|get|pods")]
    [InlineData("kubectl label node n1 x=''", "kubectl|label|node|n1|x=")]
    [InlineData("kubectl annotate node n1 ''", "kubectl|annotate|node|n1|")]
    public void Of_CommandWithoutAShell_IsSplitAsAShellWould(string command, string words) => Assert.Equal(words.Split('|'), CommandWords.Of(command));

    [Theory]
    [InlineData("kubectl get pods | head -n 1")]
    [InlineData("kubectl delete $(kubectl get pods -o name)")]
    [InlineData("kubectl get pods && rm -rf /")]
    [InlineData("kubectl get pods; id")]
    [InlineData("kubectl get pods > \"$HOME/x\"")]
    [InlineData("kubectl get pods -o \"$(id)\"")]
    [InlineData("kubectl get pods -o custom-columns=X:.y[*].z")]
    [InlineData("kubectl get pods 'never closed")]
    [InlineData("")]
    public void Of_CommandThatOnlyAShellCanRun_IsNone(string command) => Assert.Null(CommandWords.Of(command));
}
