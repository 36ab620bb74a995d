using ChaosDrill.Engine.Scenarios.Forms;
using ChaosDrill.Model.Scenarios;

namespace ChaosDrill.Engine.Scenarios.Binding;

/// <summary>What is asked of a single value beyond its type.</summary>
internal static class ScalarRuling
{
    public static Complaint? Check(ScalarForm form, object value)
    {
        var rules = form.Rules;
        var found = $"found {Shown.Quoted(form.Kind.Write(value))}, ";
        if (rules.Exactly is { } only)
        {
            return value.Equals(only) ? null : new Complaint(ScenarioErrorCodes.NotExact, found + $"only {Shown.Quoted(only)} is allowed", $"write \"{only}\"");
        }

        if (rules.Filled && value is string text && string.IsNullOrWhiteSpace(text))
        {
            return new Complaint(ScenarioErrorCodes.NothingInIt, "the text is empty", "write something");
        }

        if (rules.DnsLabel && value is string label && !DnsLabelAttribute.IsLabel(label))
        {
            return new Complaint(
                ScenarioErrorCodes.NotALabel,
                found + $"allowed are lower-case letters, digits and \"-\", a letter or digit at both ends, at most {DnsLabelAttribute.MaxLength} characters",
                LabelLike(label) is { } guess ? $"write \"{guess}\"" : "choose another name");
        }

        if (rules.Range is { } range && (form.Kind.Compare(value, range.Least) < 0 || form.Kind.Compare(value, range.Most) > 0))
        {
            var (nearest, bound) = form.Kind.Compare(value, range.Least) < 0 ? (range.LeastText, "more") : (range.MostText, "less");
            return new Complaint(ScenarioErrorCodes.OutOfRange, found + $"allowed: {range.LeastText} to {range.MostText}", $"write {nearest} or {bound}");
        }

        return null;
    }

    private static string? LabelLike(string text)
    {
        var guess = string.Concat(text.Take(DnsLabelAttribute.MaxLength).Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToLowerInvariant(c) : '-')).Trim('-');
        return DnsLabelAttribute.IsLabel(guess) ? guess : null;
    }
}
