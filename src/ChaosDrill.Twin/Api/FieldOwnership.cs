using System.Text.Json.Nodes;
using ChaosDrill.Twin.Json;
using ChaosDrill.Twin.Storage;

namespace ChaosDrill.Twin.Api;

/// <summary>Who set which field: the managedFields of objects, and the conflicts that server-side apply reports.</summary>
internal sealed class FieldOwnership(ControlPlane plane)
{
    public void RecordCreate(ResourceType type, JsonObject json, string manager)
    {
        json.Meta().Remove("managedFields");
        Store(json, [Entry(type, manager, "Update", FieldSet.Of(json).Paths)]);
    }

    /// <summary>Fields that differ from what was there now belong to this manager, and to nobody else.</summary>
    public void RecordUpdate(StoredObject current, JsonObject json, string manager)
    {
        var before = FieldSet.Of(current.Json);
        var after = FieldSet.Of(json);
        var changed = after.ChangedFrom(before);
        var entries = Read(current.Metadata);
        foreach (var entry in entries)
        {
            entry.Fields.RemoveWhere(changed.Contains);
            entry.Fields.RemoveWhere(f => before.Contains(f) && !after.Contains(f));
        }

        if (changed.Count > 0)
        {
            var own = entries.Find(e => e.Manager == manager && e.Operation == "Update" && e.Subresource is null);
            if (own is null)
            {
                entries.Add(own = Entry(current.Type, manager, "Update", []));
            }

            own.Fields.UnionWith(changed);
            own.Time = plane.NowText;
        }

        entries.RemoveAll(e => e.Fields.Count == 0);
        Store(json, entries);
    }

    public void RecordApply(ResourceType type, JsonObject json, JsonObject applied, string manager) =>
        Store(json, [Entry(type, manager, "Apply", FieldSet.Of(applied).Paths)]);

    /// <summary>Merges an applied configuration into the object: sets what it says, removes what it said before and says no more.</summary>
    /// <exception cref="ApiException">409 when another manager owns a field that would change, unless forced.</exception>
    public JsonObject Apply(StoredObject current, JsonObject applied, string manager, bool force)
    {
        var entries = Read(current.Metadata);
        var wanted = FieldSet.Of(applied);
        var live = FieldSet.Of(current.Json);
        var changed = wanted.ChangedFrom(live);
        var conflicts = new List<(string Manager, string Path)>();
        foreach (var entry in entries.Where(e => e.Manager != manager || e.Operation != "Apply"))
        {
            foreach (var path in entry.Fields.Where(changed.Contains).Order(StringComparer.Ordinal).ToList())
            {
                if (force)
                {
                    entry.Fields.Remove(path);
                }
                else if (wanted.IsLeaf(path))
                {
                    conflicts.Add((entry.Describe(), path));
                }
            }
        }

        if (conflicts.Count > 0)
        {
            throw Conflict(conflicts);
        }

        var own = entries.Find(e => e.Manager == manager && e.Operation == "Apply");
        var json = current.Json.Copy();
        var abandoned = (own?.Fields ?? []).Where(f => !wanted.Contains(f) && !entries.Exists(e => e != own && e.Fields.Contains(f))).ToHashSet();
        FieldSet.Remove(json, abandoned);
        FieldSet.MergeInto(json, applied, []);
        if (own is null)
        {
            entries.Add(own = Entry(current.Type, manager, "Apply", []));
        }

        if (!own.Fields.SetEquals(wanted.Paths) || changed.Count > 0)
        {
            own.Time = plane.NowText;
        }

        own.Fields.Clear();
        own.Fields.UnionWith(wanted.Paths);
        entries.RemoveAll(e => e.Fields.Count == 0);
        Store(json, entries);
        return json;
    }

    private static ApiException Conflict(List<(string Manager, string Path)> conflicts)
    {
        var causes = new JsonArray([.. conflicts.Select(c => new JsonObject
        {
            ["reason"] = "FieldManagerConflict", ["message"] = $"conflict with {c.Manager}", ["field"] = FieldSet.Show(c.Path),
        })]);
        string message;
        if (conflicts.Count == 1)
        {
            message = $"Apply failed with 1 conflict: conflict with {conflicts[0].Manager}: {FieldSet.Show(conflicts[0].Path)}";
        }
        else
        {
            var groups = conflicts.GroupBy(c => c.Manager).Select(g => $"conflicts with {g.Key}:\n{string.Join('\n', g.Select(c => $"- {FieldSet.Show(c.Path)}"))}");
            message = $"Apply failed with {conflicts.Count} conflicts: {string.Join('\n', groups)}";
        }

        return Failure.Of(409, "Conflict", message, new JsonObject { ["causes"] = causes });
    }

    private Owner Entry(ResourceType type, string manager, string operation, IEnumerable<string> fields) =>
        new(manager, operation, type.ApiVersion, null, [.. fields]) { Time = plane.NowText };

    private static List<Owner> Read(JsonObject metadata) =>
    [
        .. metadata.Arr("managedFields").Objects().Select(m => new Owner(
            m.Str("manager") ?? "", m.Str("operation") ?? "", m.Str("apiVersion") ?? "", m.Str("subresource"), FieldSet.FromFieldsV1(m.Obj("fieldsV1")))
        { Time = m.Str("time") ?? "" }),
    ];

    private static void Store(JsonObject json, List<Owner> owners)
    {
        if (owners.Count == 0)
        {
            json.Meta().Remove("managedFields");
            return;
        }

        json.Meta()["managedFields"] = new JsonArray([.. owners.Select(o =>
        {
            var entry = new JsonObject
            {
                ["manager"] = o.Manager, ["operation"] = o.Operation, ["apiVersion"] = o.ApiVersion, ["time"] = o.Time,
                ["fieldsType"] = "FieldsV1", ["fieldsV1"] = FieldSet.ToFieldsV1(o.Fields),
            };
            if (o.Subresource is not null)
            {
                entry["subresource"] = o.Subresource;
            }

            return entry;
        })]);
    }

    private sealed record Owner(string Manager, string Operation, string ApiVersion, string? Subresource, HashSet<string> Fields)
    {
        public string Time { get; set; } = "";

        public string Describe() => Operation == "Apply" ? $"\"{Manager}\"" : $"\"{Manager}\" using {ApiVersion}" + (Time.Length > 0 ? $" at {Time}" : "");
    }
}
