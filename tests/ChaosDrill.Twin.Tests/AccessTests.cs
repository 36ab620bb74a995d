using System.Text.Json.Nodes;

namespace ChaosDrill.Twin.Tests;

/// <summary>Roles, bindings, tokens and impersonation.</summary>
public sealed class AccessTests
{
    private const string Reader = """
        apiVersion: v1
        kind: Namespace
        metadata: { name: shop }
        ---
        apiVersion: v1
        kind: ServiceAccount
        metadata: { name: robot, namespace: shop }
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: Role
        metadata: { name: reader, namespace: shop }
        rules:
        - { apiGroups: [""], resources: [pods, pods/log], verbs: [get, list] }
        - { apiGroups: [""], resources: [configmaps], resourceNames: [settings], verbs: [get, list, update] }
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata: { name: readers, namespace: shop }
        roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader }
        subjects:
        - { kind: User, name: anna }
        - { kind: ServiceAccount, name: robot, namespace: shop }
        """;

    [Theory]
    [InlineData("GET", "/api/v1/namespaces/shop/pods", 200, null)]
    [InlineData("GET", "/api/v1/namespaces/shop/pods/none", 404, "pods \"none\" not found")]
    [InlineData("GET", "/api/v1/pods", 403, "pods is forbidden: User \"anna\" cannot list resource \"pods\" in API group \"\" at the cluster scope")]
    [InlineData("GET", "/api/v1/namespaces/shop/pods?watch=true", 403, "pods is forbidden: User \"anna\" cannot watch resource \"pods\" in API group \"\" in the namespace \"shop\"")]
    [InlineData("GET", "/api/v1/namespaces/default/pods", 403, "pods is forbidden: User \"anna\" cannot list resource \"pods\" in API group \"\" in the namespace \"default\"")]
    [InlineData("DELETE", "/api/v1/namespaces/shop/pods/a", 403, "pods \"a\" is forbidden: User \"anna\" cannot delete resource \"pods\" in API group \"\" in the namespace \"shop\"")]
    [InlineData("POST", "/api/v1/namespaces/shop/pods/a/eviction", 403, "pods \"a\" is forbidden: User \"anna\" cannot create resource \"pods/eviction\" in API group \"\" in the namespace \"shop\"")]
    [InlineData("PATCH", "/apis/apps/v1/namespaces/shop/deployments/a", 403, "deployments.apps \"a\" is forbidden: User \"anna\" cannot patch resource \"deployments\" in API group \"apps\" in the namespace \"shop\"")]
    [InlineData("DELETE", "/api/v1/nodes", 403, "nodes is forbidden: User \"anna\" cannot deletecollection resource \"nodes\" in API group \"\" at the cluster scope")]
    [InlineData("GET", "/api/v1/namespaces/shop", 403, "namespaces \"shop\" is forbidden: User \"anna\" cannot get resource \"namespaces\" in API group \"\" in the namespace \"shop\"")]
    [InlineData("GET", "/api/v1/namespaces/shop/configmaps/settings", 404, "configmaps \"settings\" not found")]
    [InlineData("GET", "/api/v1/namespaces/shop/configmaps/other", 403, "configmaps \"other\" is forbidden: User \"anna\" cannot get resource \"configmaps\" in API group \"\" in the namespace \"shop\"")]
    [InlineData("GET", "/api/v1/namespaces/shop/configmaps?fieldSelector=metadata.name%3Dsettings", 200, null)]
    [InlineData("GET", "/api/v1/namespaces/shop/configmaps", 403, "configmaps is forbidden: User \"anna\" cannot list resource \"configmaps\" in API group \"\" in the namespace \"shop\"")]
    [InlineData("GET", "/apis", 200, null)]
    [InlineData("GET", "/metrics", 403, "forbidden: User \"anna\" cannot get path \"/metrics\"")]
    public void User_Asking_GetsWhatTheRolesAllow(string method, string path, int code, string? message) => TwinRun.Go(async run =>
    {
        await run.SettleAsync(Reader);
        using var anna = new TwinClient(run.Cluster, run.Cluster.CreateHandler("anna"));
        var (status, body) = await anna.SendAsync(method, path);
        Assert.Equal(code, status);
        if (message is not null)
        {
            Assert.Equal(message, (string?)body!["message"]);
        }
    });

    [Fact]
    public void Token_OfAServiceAccount_IsItsUntilItEnds() => TwinRun.Go(async run =>
    {
        await run.SettleAsync(Reader);
        var (status, answer) = await run.Client.SendAsync("POST", "/api/v1/namespaces/shop/serviceaccounts/robot/token",
            """{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"expirationSeconds":600}}""");
        Assert.Equal(201, status);
        using var robot = new TwinClient(run.Cluster);
        robot.Headers["Authorization"] = $"Bearer {answer!["status"]!["token"]}";
        Assert.Equal(200, (await robot.SendAsync("GET", "/api/v1/namespaces/shop/pods")).Status);
        var (refused, why) = await robot.SendAsync("GET", "/api/v1/namespaces/shop/secrets");
        Assert.Equal(403, refused);
        Assert.Equal("secrets is forbidden: User \"system:serviceaccount:shop:robot\" cannot list resource \"secrets\" in API group \"\" in the namespace \"shop\"", (string?)why!["message"]);
        await run.Delay(601);
        Assert.Equal(401, (await robot.SendAsync("GET", "/api/v1/namespaces/shop/pods")).Status);
        robot.Headers["Authorization"] = "Bearer nonsense";
        Assert.Equal(401, (await robot.SendAsync("GET", "/api/v1/namespaces/shop/pods")).Status);
    });

    [Fact]
    public void Impersonation_NeedsTheRight_AndGivesNoMoreThanTheOther() => TwinRun.Go(async run =>
    {
        await run.SettleAsync(Reader);
        run.Client.Headers["Impersonate-User"] = "anna";
        Assert.Equal(200, (await run.Client.SendAsync("GET", "/api/v1/namespaces/shop/pods")).Status);
        Assert.Equal(403, (await run.Client.SendAsync("GET", "/api/v1/namespaces/shop/secrets")).Status);
        using var anna = new TwinClient(run.Cluster, run.Cluster.CreateHandler("anna"));
        anna.Headers["Impersonate-User"] = "root";
        var (status, body) = await anna.SendAsync("GET", "/api/v1/pods");
        Assert.Equal(403, status);
        Assert.Equal("users \"root\" is forbidden: User \"anna\" cannot impersonate resource \"users\" in API group \"\" at the cluster scope", (string?)body!["message"]);
        run.Client.Headers["Impersonate-User"] = "system:serviceaccount:shop:robot";
        Assert.Equal(200, (await run.Client.SendAsync("GET", "/api/v1/namespaces/shop/pods")).Status);
    });

    [Fact]
    public void Reviews_AnswerFromTheSameRules() => TwinRun.Go(async run =>
    {
        await run.SettleAsync(Reader);
        using var anna = new TwinClient(run.Cluster, run.Cluster.CreateHandler("anna"));
        const string Review = """{"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectAccessReview","spec":{"resourceAttributes":{"namespace":"shop","verb":"VERB","resource":"pods"}}}""";
        var (_, yes) = await anna.SendAsync("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", Review.Replace("VERB", "list", StringComparison.Ordinal));
        Assert.Equal("""{"allowed":true,"reason":"RBAC: allowed by RoleBinding \u0022readers/shop\u0022 of Role \u0022reader\u0022 to User \u0022anna\u0022"}""", yes!["status"]!.ToJsonString());
        var (_, no) = await anna.SendAsync("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", Review.Replace("VERB", "delete", StringComparison.Ordinal));
        Assert.Equal("""{"allowed":false}""", no!["status"]!.ToJsonString());
        var (_, rules) = await anna.SendAsync("POST", "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", """{"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectRulesReview","spec":{"namespace":"shop"}}""");
        Assert.Contains("pods/log", rules!["status"]!["resourceRules"]!.ToJsonString(), StringComparison.Ordinal);
        var (_, other) = await run.Client.SendAsync("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews",
            """{"apiVersion":"authorization.k8s.io/v1","kind":"SubjectAccessReview","spec":{"user":"eve","groups":["system:masters"],"resourceAttributes":{"verb":"delete","resource":"nodes"}}}""");
        Assert.True((bool)other!["status"]!["allowed"]!);
    });

    [Fact]
    public void Binding_ToAMissingRole_SaysSo_AndItsRoleCannotChange() => TwinRun.Go(async run =>
    {
        await run.SettleAsync(Reader);
        await run.Client.SendAsync("DELETE", "/apis/rbac.authorization.k8s.io/v1/namespaces/shop/roles/reader");
        using var anna = new TwinClient(run.Cluster, run.Cluster.CreateHandler("anna"));
        var (_, body) = await anna.SendAsync("GET", "/api/v1/namespaces/shop/pods");
        Assert.EndsWith("in the namespace \"shop\": RBAC: role.rbac.authorization.k8s.io \"reader\" not found", (string?)body!["message"], StringComparison.Ordinal);
        var (status, refused) = await run.Client.SendAsync("PATCH", "/apis/rbac.authorization.k8s.io/v1/namespaces/shop/rolebindings/readers", """{"roleRef":{"name":"other"}}""", "application/merge-patch+json");
        Assert.Equal(422, status);
        Assert.Contains("cannot change roleRef", (string?)refused!["message"], StringComparison.Ordinal);
    });

    [Fact]
    public void Apply_OfWhatIsNotThere_NeedsTheRightToCreate() => TwinRun.Go(async run =>
    {
        await run.SettleAsync(Reader.Replace("get, list, update", "get, patch", StringComparison.Ordinal));
        using var anna = new TwinClient(run.Cluster, run.Cluster.CreateHandler("anna"));
        var (status, body) = await anna.SendAsync("PATCH", "/api/v1/namespaces/shop/configmaps/settings?fieldManager=a",
            """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"settings"}}""", "application/apply-patch+yaml");
        Assert.Equal(403, status);
        Assert.Contains("cannot create resource \"configmaps\"", (string?)body!["message"], StringComparison.Ordinal);
    });

    [Fact]
    public void Granting_WhatOneDoesNotHold_IsRefusedUnlessOneMayEscalateOrBind() => TwinRun.Go(async run =>
    {
        const string Rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/default";
        run.Cluster.Apply("""
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata: { name: granter, namespace: default }
            rules:
            - { apiGroups: [rbac.authorization.k8s.io], resources: [roles, rolebindings], verbs: [create, update, patch, get] }
            - { apiGroups: [""], resources: [pods], verbs: [get, list] }
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: { name: granter, namespace: default }
            roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: granter }
            subjects: [ { apiGroup: rbac.authorization.k8s.io, kind: User, name: anna } ]
            """);
        using var anna = new TwinClient(run.Cluster, run.Cluster.CreateHandler("anna"));
        Assert.Equal(201, (await anna.SendAsync("POST", $"{Rbac}/roles", Role("fair", "[get, list]"), "application/yaml")).Status);
        const string Refused = "is forbidden: user \"anna\" (groups=[\"system:authenticated\"]) is attempting to grant RBAC permissions not currently held:\n";
        const string Missing = "{APIGroups:[\"\"], Resources:[\"pods\"], Verbs:[\"delete\" \"watch\"]}";
        var (status, body) = await anna.SendAsync("POST", $"{Rbac}/roles", Role("greedy", "[get, delete, watch]"), "application/yaml");
        Assert.Equal((403, $"roles.rbac.authorization.k8s.io \"greedy\" {Refused}{Missing}"), (status, (string?)body!["message"]));
        (status, body) = await anna.SendAsync("PATCH", $"{Rbac}/roles/fair", """{"rules":[{"apiGroups":[""],"resources":["pods"],"verbs":["delete","watch"]}]}""", "application/merge-patch+json");
        Assert.Equal((403, $"roles.rbac.authorization.k8s.io \"fair\" {Refused}{Missing}"), (status, (string?)body!["message"]));
        (status, body) = await anna.SendAsync("POST", $"{Rbac}/rolebindings", Binding("view"), "application/yaml");
        Assert.Equal(403, status);
        Assert.StartsWith($"rolebindings.rbac.authorization.k8s.io \"b\" {Refused}{{APIGroups:[\"\"], Resources:[\"bindings\"], Verbs:[\"get\" \"list\" \"watch\"]}}\n", (string?)body!["message"], StringComparison.Ordinal);
        Assert.Equal(404, (await anna.SendAsync("POST", $"{Rbac}/rolebindings", Binding("none"), "application/yaml")).Status);

        var rules = (JsonArray)(await run.Client.GetAsync($"{Rbac}/roles/granter"))["rules"]!;
        rules.Add(JsonNode.Parse("""{"apiGroups":["rbac.authorization.k8s.io"],"resources":["roles"],"verbs":["escalate"]}"""));
        rules.Add(JsonNode.Parse("""{"apiGroups":["rbac.authorization.k8s.io"],"resources":["clusterroles"],"resourceNames":["view"],"verbs":["bind"]}"""));
        await run.Client.PatchAsync($"{Rbac}/roles/granter", new JsonObject { ["rules"] = rules.DeepClone() }.ToJsonString());
        Assert.Equal(201, (await anna.SendAsync("POST", $"{Rbac}/roles", Role("greedy", "[get, delete, watch]"), "application/yaml")).Status);
        Assert.Equal(201, (await anna.SendAsync("POST", $"{Rbac}/rolebindings", Binding("view"), "application/yaml")).Status);
        Assert.Equal(403, (await anna.SendAsync("POST", $"{Rbac}/rolebindings", Binding("edit").Replace("name: b", "name: c", StringComparison.Ordinal), "application/yaml")).Status);

        static string Role(string name, string verbs) => $"apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {{ name: {name} }}\nrules: [ {{ apiGroups: [''], resources: [pods], verbs: {verbs} }} ]\n";
        static string Binding(string role) => $"apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {{ name: b }}\nroleRef: {{ apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: {role} }}\nsubjects: [ {{ kind: User, name: bob }} ]\n";
    });
}
