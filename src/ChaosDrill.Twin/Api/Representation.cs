namespace ChaosDrill.Twin.Api;

/// <summary>The form in which a client wants objects, from its Accept header.</summary>
internal enum Representation
{
    Object,
    Table,
    Metadata,
    MetadataList,
}

internal static class Accept
{
    /// <summary>The first form of the header that can be served; whoever asks for protobuf gets JSON.</summary>
    public static Representation Parse(string accept)
    {
        foreach (var range in accept.Split(','))
        {
            var parts = range.Split(';', StringSplitOptions.TrimEntries);
            if (parts[0] is not ("application/json" or "application/vnd.kubernetes.protobuf"))
            {
                continue;
            }

            switch (parts.FirstOrDefault(p => p.StartsWith("as=", StringComparison.Ordinal)))
            {
                case null:
                    return Representation.Object;
                case "as=Table" when parts.Contains("v=v1"):
                    return Representation.Table;
                case "as=PartialObjectMetadata":
                    return Representation.Metadata;
                case "as=PartialObjectMetadataList":
                    return Representation.MetadataList;
            }
        }

        return Representation.Object;
    }
}
