namespace ChaosDrill.Twin.Api.Schemas;

/// <summary>One type of the Kubernetes API: its fields as JSON names them and as protobuf numbers them.</summary>
internal sealed record MessageType(string Name, string Description, IReadOnlyList<MessageType.Field> Fields)
{
    private Dictionary<string, Field>? byName;
    private Dictionary<int, Field>? byNumber;

    public Field? ByName(string name) => (byName ??= Flat(this).DistinctBy(f => f.Name).ToDictionary(f => f.Name, StringComparer.Ordinal)).GetValueOrDefault(name);

    public Field? ByNumber(int number) => (byNumber ??= Fields.ToDictionary(f => f.Number)).GetValueOrDefault(number);

    /// <summary>All fields as JSON shows them, where some messages are folded into their parent.</summary>
    public static IEnumerable<Field> Flat(MessageType type) =>
        type.Fields.SelectMany(f => f.IsInline && TypeSchemas.Find(f.Type) is { } inner ? Flat(inner) : [f]);

    internal sealed record Field(int Number, string Name, string Type, Field.Many Shape, string Description)
    {
        internal enum Many
        {
            One,
            List,
            Map,
        }

        /// <summary>Folded into its parent in JSON, a message of its own in protobuf.</summary>
        public bool IsInline => Shape == Many.One && Name is "volumeSource" or "handler" or "ingressRuleValue" or "localObjectReference" or "ephemeralContainerCommon" or "persistentVolumeSource";
    }
}
