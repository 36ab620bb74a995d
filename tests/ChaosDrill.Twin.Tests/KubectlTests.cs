using System.Diagnostics;
using System.Text.Json.Nodes;

namespace ChaosDrill.Twin.Tests;

/// <summary>The real kubectl as an ordinary client of a served twin.</summary>
public sealed class KubectlTests : IAsyncLifetime
{
    private static readonly Version Oldest = new(1, 28);

    private readonly string folder = Path.Combine(Path.GetTempPath(), $"twin-kubectl-{Guid.NewGuid():N}");
    private TwinCluster cluster = null!;
    private TwinServer server = null!;

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(folder);
        cluster = new TwinCluster(new TwinOptions
        {
            NamespaceDeletionDelay = TimeSpan.FromMilliseconds(100),
            StartDelay = TimeSpan.FromMilliseconds(50),
            ReadyDelay = TimeSpan.FromMilliseconds(100),
            TerminationDelay = TimeSpan.FromMilliseconds(50),
        });
        cluster.Start();
        server = await cluster.ServeAsync();
        server.WriteKubeconfig(Path.Combine(folder, "kubeconfig"));
        cluster.Apply(TwinRun.Deployment("web"));
        await cluster.WaitUntilSettledAsync(TimeSpan.FromSeconds(30));
    }

    public async ValueTask DisposeAsync()
    {
        await cluster.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Kubectl_Reading_ShowsTheClusterAsUsual()
    {
        await RequireAsync();
        Assert.Contains("Server Version: v1.36.2", await RunAsync("version"), StringComparison.Ordinal);
        Assert.Contains("deployments", await RunAsync("api-resources"), StringComparison.Ordinal);
        Assert.Contains("apps/v1", await RunAsync("api-versions"), StringComparison.Ordinal);
        Assert.Matches(@"NAME +STATUS +ROLES +AGE +VERSION\s+node1 +Ready +<none>", await RunAsync("get nodes"));
        Assert.Matches(@"web-\w+-\w+ +1/1 +Running +0 .* node\d", await RunAsync("get pods -o wide"));
        Assert.Matches(@"deployment.apps/web +3/3 +3 +3", await RunAsync("get all"));
        Assert.Contains("readyReplicas: 3", await RunAsync("get deploy web -o yaml"), StringComparison.Ordinal);
        Assert.Contains("Ready                       True", await RunAsync("describe pods"), StringComparison.Ordinal);
        Assert.Contains("3 desired | 3 updated | 3 total | 3 available", await RunAsync("describe deploy web"), StringComparison.Ordinal);
        Assert.Contains("Non-terminated Pods:", await RunAsync("describe node node1"), StringComparison.Ordinal);
        Assert.Matches(@"Endpoints: +10\.128\.\d+\.\d+:8080", await RunAsync("describe service web"));
        Assert.Contains("ready to serve", await RunAsync("logs deploy/web"), StringComparison.Ordinal);
        Assert.Contains("\"pod\":\"web-", await RunAsync("get --raw /api/v1/namespaces/default/services/web/proxy/"), StringComparison.Ordinal);
        Assert.Contains("Successfully assigned", await RunAsync("events"), StringComparison.Ordinal);
        Assert.Contains("FIELDS:", await RunAsync("explain deployment.spec.template.spec.containers"), StringComparison.Ordinal);
        Assert.Equal("yes", (await RunAsync("auth can-i delete pods")).Trim());
        Assert.Contains("twin-admin", await RunAsync("auth whoami"), StringComparison.Ordinal);
        Assert.Contains("not found", await RunAsync("get deploy none", expected: 1), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Kubectl_Applying_CreatesChangesAndDeletes()
    {
        await RequireAsync();
        var file = Path.Combine(folder, "app.yaml");
        await File.WriteAllTextAsync(file, TwinRun.Deployment("shop", 2));
        Assert.Contains("deployment.apps/shop created", await RunAsync($"apply -f {file}"), StringComparison.Ordinal);
        Assert.Contains("deployment.apps/shop unchanged", await RunAsync($"apply -f {file}"), StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, TwinRun.Deployment("shop", 3, image: "registry.example/app:2"));
        Assert.Contains("deployment.apps/shop configured", await RunAsync($"apply -f {file}"), StringComparison.Ordinal);
        await RunAsync("rollout status deploy/shop --timeout=30s");
        Assert.Equal("3registry.example/app:2", await RunAsync("get deploy shop -o jsonpath={.status.availableReplicas}{.spec.template.spec.containers[0].image}"));
        Assert.Contains("serverside-applied", await RunAsync($"apply --server-side --force-conflicts -f {file}"), StringComparison.Ordinal);
        Assert.Contains("unknown field \"spec.replicaz\"", await RunAsync("apply -f -", TwinRun.Deployment("bad").Replace("replicas:", "replicaz:", StringComparison.Ordinal), 1), StringComparison.Ordinal);
        await RunAsync("create configmap settings --from-literal=a=1");
        await RunAsync("replace -f -", "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings }\ndata: { b: \"2\" }\n");
        Assert.Equal("{\"b\":\"2\"}", await RunAsync("get cm settings -o jsonpath={.data}"));
        await RunAsync("label cm settings x=y");
        await RunAsync("annotate cm settings z=w");
        Assert.Contains("settings", await RunAsync("get cm -l x=y"), StringComparison.Ordinal);
        await RunAsync($"delete -f {file}");
        await RunAsync("wait --for=delete pod -l app=shop --timeout=20s");
        await RunAsync("create namespace gone");
        await RunAsync("create deployment inner --image=nginx -n gone");
        await RunAsync("delete namespace gone --timeout=30s");
        Assert.Contains("NotFound", await RunAsync("get namespace gone", expected: 1), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Kubectl_RollingOut_UndoesAndRestarts()
    {
        await RequireAsync();
        await RunAsync("scale deploy web --replicas=4");
        await RunAsync("wait --for=condition=Available deploy/web --timeout=30s");
        await RunAsync("set image deploy/web app=registry.example/app:2");
        await RunAsync("rollout status deploy/web --timeout=30s");
        await RunAsync("rollout undo deploy/web");
        Assert.Contains("successfully rolled out", await RunAsync("rollout status deploy/web --timeout=30s"), StringComparison.Ordinal);
        Assert.Equal("registry.example/app:1", await RunAsync("get deploy web -o jsonpath={.spec.template.spec.containers[0].image}"));

        // The replica set of the first revision has become that of the third: none was made anew.
        Assert.Matches(@"CHANGE-CAUSE\s+2 +<none>\s+3 +<none>\s+$", await RunAsync("rollout history deploy/web"));
        Assert.Equal(["2 0", "3 4"], (await RunAsync("get rs -o custom-columns=R:.metadata.annotations.deployment\\.kubernetes\\.io/revision,S:.spec.replicas --no-headers"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => string.Join(' ', l.Split(' ', StringSplitOptions.RemoveEmptyEntries))).Order(StringComparer.Ordinal));
        await RunAsync("rollout restart deploy/web");
        await RunAsync("rollout status deploy/web --timeout=30s");
        await RunAsync("patch deploy web -p {\"spec\":{\"progressDeadlineSeconds\":2}}");
        await RunAsync("set image deploy/web app=registry.example/app:missing");
        Assert.Contains("exceeded its progress deadline", await RunAsync("rollout status deploy/web --timeout=30s", expected: 1), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Kubectl_Operating_CordonsDrainsKillsAndWatches()
    {
        await RequireAsync();
        await RunAsync("cordon node1");
        Assert.Contains("Ready,SchedulingDisabled", await RunAsync("get node node1"), StringComparison.Ordinal);
        Assert.Contains("node/node1 drained", await RunAsync("drain node1 --timeout=30s"), StringComparison.Ordinal);
        await RunAsync("uncordon node1");
        await RunAsync("rollout status deploy/web --timeout=30s");
        await RunAsync("create pdb web --selector=app=web --max-unavailable=0");
        Assert.Contains("Cannot evict pod as it would violate the pod's disruption budget.", await RunAsync("drain node2 --timeout=1s", expected: 1), StringComparison.Ordinal);
        await RunAsync("patch pdb web --type=merge -p {\"spec\":{\"maxUnavailable\":1}}");
        Assert.Contains("node/node2 drained", await RunAsync("drain node2 --timeout=30s"), StringComparison.Ordinal);
        Assert.Matches(@"web +N/A +1 +", await RunAsync("get pdb"));
        await RunAsync("delete pdb web");
        await RunAsync("uncordon node2");
        Assert.Contains("force deleted", await RunAsync("delete pods -l app=web --force --grace-period=0"), StringComparison.Ordinal);
        await RunAsync("wait --for=condition=Available deploy/web --timeout=30s");
        using (var watching = Start("get pods --watch --output-watch-events"))
        {
            await ReadUntilAsync(watching, "ADDED");
            await RunAsync("delete pods -l app=web --wait=false");
            await ReadUntilAsync(watching, "Terminating");
            watching.Kill();
        }

        await RunAsync("delete deploy web --cascade=foreground --timeout=30s");
        Assert.Contains("No resources found", await RunAsync("get pods"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Kubectl_RollingSets_ShowsUndoesAndWaits()
    {
        await RequireAsync();
        const string Set = """
            apiVersion: apps/v1
            kind: KIND
            metadata: { name: db }
            spec:
              selector: { matchLabels: { app: KIND } }
              template:
                metadata: { labels: { app: KIND } }
                spec: { terminationGracePeriodSeconds: 1, containers: [{ name: app, image: "registry.example/app:1" }] }
            """;
        foreach (var (kind, name) in ((string, string)[])[("StatefulSet", "sts/db"), ("DaemonSet", "ds/db")])
        {
            await RunAsync("apply -f -", Set.Replace("KIND", kind, StringComparison.Ordinal));
            await RunAsync($"rollout status {name} --timeout=30s");
            await RunAsync($"set image {name} app=registry.example/app:2");
            await RunAsync($"rollout status {name} --timeout=30s");
            await RunAsync($"rollout undo {name}");
            await RunAsync($"rollout status {name} --timeout=30s");
            Assert.Equal("registry.example/app:1", await RunAsync($"get {name} -o jsonpath={{.spec.template.spec.containers[0].image}}"));
            Assert.Matches(@"2 +<none>\s+3 +<none>", await RunAsync($"rollout history {name}"));
        }

        Assert.Matches(@"statefulset.apps/db +1/1 +", await RunAsync("get all"));
        Assert.Matches(@"db +3 +3 +3 +3 +3 +<none>", await RunAsync("get ds"));
        Assert.Contains("cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore)", await RunAsync("drain node1", expected: 1), StringComparison.Ordinal);
        await RunAsync("create job once --image=registry.example/app:1");
        await RunAsync("wait --for=condition=Complete job/once --timeout=30s");
        Assert.Matches(@"once +Complete +1/1", await RunAsync("get jobs"));
    }

    [Fact]
    public async Task Kubectl_GrantingRights_AsksAndIsRefused()
    {
        await RequireAsync();
        await RunAsync("create serviceaccount robot");
        await RunAsync("create rolebinding robots --clusterrole=view --serviceaccount=default:robot");
        await RunAsync("create role killer --verb=delete --resource=pods");
        await RunAsync("create rolebinding killers --role=killer --user=anna");
        await RunAsync("create clusterrole nodes --verb=get,list --resource=nodes");
        await RunAsync("create clusterrolebinding nodes --clusterrole=nodes --group=ops");
        Assert.Matches(@"robots +ClusterRole/view +\S+\s+", await RunAsync("get rolebindings"));
        Assert.Equal("yes", (await RunAsync("auth can-i list pods --as=system:serviceaccount:default:robot")).Trim());
        Assert.StartsWith("no", await RunAsync("auth can-i delete pods --as=system:serviceaccount:default:robot", expected: 1), StringComparison.Ordinal);
        Assert.Equal("yes", (await RunAsync("auth can-i delete pods --as=anna")).Trim());
        Assert.Contains("selfsubjectaccessreviews", await RunAsync("auth can-i --list --as=anna"), StringComparison.Ordinal);
        Assert.Contains("node1", await RunAsync("get nodes --as=anna --as-group=ops"), StringComparison.Ordinal);
        Assert.Contains("nodes is forbidden: User \"anna\" cannot list resource \"nodes\" in API group \"\" at the cluster scope", await RunAsync("get nodes --as=anna", expected: 1), StringComparison.Ordinal);
        var token = (await RunAsync("create token robot")).Trim();
        await File.WriteAllTextAsync(Path.Combine(folder, "ca.crt"), server.AuthorityPem);
        var robot = $"--server={server.Url} --certificate-authority={folder}/ca.crt --kubeconfig=/dev/null --token={token}";
        Assert.Contains("web-", await RunAsync($"get pods {robot}"), StringComparison.Ordinal);
        Assert.Contains("User \"system:serviceaccount:default:robot\" cannot list resource \"secrets\"", await RunAsync($"get secrets {robot}", expected: 1), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Kubectl_InsideAContainer_RunsReadsAndKills()
    {
        await RequireAsync();
        var pod = (await RunAsync("get pods -o jsonpath={.items[0].metadata.name}")).Trim();
        Assert.Equal("hello\n", await RunAsync($"exec {pod} -- echo hello"));
        Assert.Equal($"{pod}\n", await RunAsync($"exec {pod} -c app -- cat /etc/hostname"));
        Assert.Equal("from here", await RunAsync($"exec -i {pod} -- cat", "from here"));
        Assert.Contains("command terminated with exit code 3", await RunAsync($"exec -i {pod} -- sh", "exit 3", 3), StringComparison.Ordinal);
        Assert.Contains("executable file not found in $PATH", await RunAsync($"exec {pod} -- bash", expected: 127), StringComparison.Ordinal);
        Assert.Contains("container none is not valid for pod", await RunAsync($"exec {pod} -c none -- true", expected: 1), StringComparison.Ordinal);
        Assert.Contains("pods \"none\" not found", await RunAsync("exec none -- true", expected: 1), StringComparison.Ordinal);
        await RunAsync("create rolebinding annas --clusterrole=view --user=anna");
        Assert.Contains("cannot create resource \"pods/exec\"", await RunAsync($"exec {pod} --as=anna -- true", expected: 1), StringComparison.Ordinal);
        var following = RunAsync($"logs -f {pod}");
        await RunAsync("get --raw /readyz");
        await RunAsync($"exec {pod} -- kill 1");
        await RunAsync($"wait --for=jsonpath={{.status.containerStatuses[0].restartCount}}=1 pod/{pod} --timeout=20s");
        Assert.EndsWith("app got SIGTERM\napp ended with exit code 143\n", await following, StringComparison.Ordinal);
        Assert.Matches(@"1/1 +Running +1 \(", await RunAsync($"get pod {pod}"));
        Assert.Equal("app ended with exit code 143\n", await RunAsync($"logs --previous --tail=1 {pod}"));
        Assert.StartsWith("app started on node", await RunAsync($"logs {pod}"), StringComparison.Ordinal);
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z app started", await RunAsync($"logs --timestamps --since=1h {pod}"));
        Assert.Equal("", await RunAsync($"logs --since-time=2999-01-01T00:00:00Z {pod}"));
        var other = (await RunAsync("get pods -o jsonpath={.items[1].metadata.name}")).Trim();
        Assert.Contains($"previous terminated container \"app\" in pod \"{other}\" not found", await RunAsync($"logs --previous {other}", expected: 1), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Kubectl_TaintingAndLimiting_MovesPodsAndRefusesThem()
    {
        await RequireAsync();
        Assert.Contains("node/node1 tainted", await RunAsync("taint nodes node1 maintenance=now:NoExecute"), StringComparison.Ordinal);
        await RunAsync("wait --for=delete pod -l app=web --field-selector=spec.nodeName=node1 --timeout=20s");
        await RunAsync("wait --for=jsonpath={.status.availableReplicas}=3 deploy/web --timeout=20s");
        Assert.DoesNotContain("node1", await RunAsync("get pods -o wide"), StringComparison.Ordinal);
        Assert.Contains("maintenance=now:NoExecute", await RunAsync("describe node node1"), StringComparison.Ordinal);
        Assert.Contains("node/node1 untainted", await RunAsync("taint nodes node1 maintenance-"), StringComparison.Ordinal);
        await RunAsync("create quota small --hard=pods=3,count/configmaps=9");
        await RunAsync("wait --for=jsonpath={.status.used.pods}=3 quota/small --timeout=20s");
        Assert.Matches(@"small +count/configmaps: 1/9, pods: 3/3", await RunAsync("get quota"));
        Assert.Matches(@"pods +3 +3", await RunAsync("describe quota small"));
        await RunAsync("scale deploy web --replicas=4");
        await RunAsync("wait --for=condition=ReplicaFailure deploy/web --timeout=20s");
        Assert.Contains("exceeded quota: small, requested: pods=1, used: pods=3, limited: pods=3", await RunAsync("describe rs"), StringComparison.Ordinal);
        Assert.Contains("pods \"x\" is forbidden: exceeded quota: small", await RunAsync("run x --image=a:1", expected: 1), StringComparison.Ordinal);
        await RunAsync("create role r --verb=get --resource=pods");
        await RunAsync("create role w --verb=create --resource=roles.rbac.authorization.k8s.io");
        await RunAsync("create rolebinding w --role=w --user=anna");
        Assert.Contains("is attempting to grant RBAC permissions not currently held", await RunAsync("create role greedy --verb=delete --resource=secrets --as=anna", expected: 1), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Kubectl_Scripting_PatchesPrintsExposesAndOrphans()
    {
        await RequireAsync();
        await RunAsync("patch deploy web --type=merge -p {\"spec\":{\"replicas\":2}}");
        await RunAsync("patch deploy web --type=json -p [{\"op\":\"replace\",\"path\":\"/spec/replicas\",\"value\":4}]");
        await RunAsync("patch deploy web --type=strategic -p {\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"name\":\"app\",\"env\":[{\"name\":\"A\",\"value\":\"b\"}]}]}}}}");
        Assert.Contains("spec.template.spec.containers[0].image: Required value", await RunAsync("patch deploy web -p {\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"name\":\"side\"}]}}}}", expected: 1), StringComparison.Ordinal);
        await RunAsync("patch deploy web --subresource=scale --type=merge -p {\"spec\":{\"replicas\":3}}");
        await RunAsync("rollout status deploy/web --timeout=30s");
        Assert.Equal("3-registry.example/app:1-b", await RunAsync("get deploy web -o jsonpath={.spec.replicas}-{.spec.template.spec.containers[0].image}-{.spec.template.spec.containers[0].env[0].value}"));
        Assert.Matches(@"^N +READY\s+web +3\s+$", await RunAsync("get deploy -o custom-columns=N:.metadata.name,READY:.status.readyReplicas"));
        Assert.Equal("deployment.apps/web\n", await RunAsync("get deploy -o name"));
        Assert.Matches(@"-  replicas: 3\s+\+  replicas: 5", await RunAsync("diff -f -", TwinRun.Deployment("web", 5), expected: 1));
        await RunAsync("rollout pause deploy/web");
        await RunAsync("set image deploy/web app=registry.example/app:3");
        Assert.Contains("you cannot rollback a paused deployment", await RunAsync("rollout undo deploy/web", expected: 1), StringComparison.Ordinal);
        await RunAsync("rollout resume deploy/web");
        await RunAsync("rollout status deploy/web --timeout=30s");
        Assert.Contains("unable to find specified revision 77 in history", await RunAsync("rollout undo deploy/web --to-revision=77", expected: 1), StringComparison.Ordinal);
        Assert.Contains("Image:\tregistry.example/app:3", await RunAsync("rollout history deploy/web --revision=3"), StringComparison.Ordinal);
        await RunAsync("expose deploy web --name=front --port=80");
        Assert.Matches(@"front +ClusterIP +10\.96\.\d+\.\d+ +<none> +80/TCP", await RunAsync("get svc front"));
        await RunAsync("create ingress web --rule=shop.example/=web:80");
        Assert.Equal("shop.example-web", await RunAsync("get ingress web -o jsonpath={.spec.rules[0].host}-{.spec.rules[0].http.paths[0].backend.service.name}"));
        await RunAsync("create priorityclass urgent --value=1000");
        Assert.Matches(@"urgent +1000 +false", await RunAsync("get priorityclass"));
        await RunAsync("run fast --image=a:1 --overrides={\"spec\":{\"priorityClassName\":\"urgent\"}}");
        Assert.Equal("1000", await RunAsync("get pod fast -o jsonpath={.spec.priority}"));
        await RunAsync("create cronjob tick --image=a:1 --schedule=@hourly");
        Assert.Matches(@"tick +@hourly +<none> +False +0 +<none>", await RunAsync("get cronjob"));
        await RunAsync("create job now --from=cronjob/tick");
        await RunAsync("wait --for=condition=Complete job/now --timeout=30s");

        // What is not there says so.
        Assert.Contains("Metrics API not available", await RunAsync("top pods", expected: 1), StringComparison.Ordinal);
        Assert.Contains("could not find the requested resource", await RunAsync("autoscale deploy web --min=1 --max=3", expected: 1), StringComparison.Ordinal);
        await RunAsync("delete deploy web --cascade=orphan");
        Assert.Equal(3, (await RunAsync("get pods -l app=web -o name")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("No resources found", await RunAsync("get deploy"), StringComparison.Ordinal);
    }

    /// <summary>Skips where there is no kubectl, or one too old to be an ordinary client.</summary>
    private async Task RequireAsync()
    {
        string text;
        try
        {
            text = await RunAsync("version --client -o json");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("kubectl is not on the PATH.");
            return;
        }

        var version = (string)JsonNode.Parse(text)!["clientVersion"]!["gitVersion"]!;
        var parts = version.TrimStart('v').Split('.');
        Assert.SkipWhen(new Version(int.Parse(parts[0]), int.Parse(parts[1])) < Oldest, $"kubectl is {version}; 1.28 or later is needed.");
    }

    private static async Task ReadUntilAsync(Process process, string word)
    {
        while (!(await process.StandardOutput.ReadLineAsync() ?? throw new EndOfStreamException($"kubectl ended before it said {word}")).Contains(word, StringComparison.Ordinal))
        {
        }
    }

    private async Task<string> RunAsync(string arguments, string? input = null, int? expected = 0)
    {
        using var process = Start(arguments);
        if (input is not null)
        {
            await process.StandardInput.WriteAsync(input);
        }

        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync() + await errors;
        await process.WaitForExitAsync();
        Assert.True(expected is null || process.ExitCode == expected, $"kubectl {arguments}: exit code {process.ExitCode}\n{output}");
        return output;
    }

    private Process Start(string arguments)
    {
        var start = new ProcessStartInfo("kubectl") { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var argument in arguments.Split(' '))
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["KUBECONFIG"] = Path.Combine(folder, "kubeconfig");
        start.Environment["HOME"] = folder;
        return Process.Start(start)!;
    }
}
