namespace ChaosDrill.Engine.Scenarios;

/// <summary>The codes of everything that can be wrong in a scenario file. A code, once used, never changes its meaning.</summary>
public static class ScenarioErrorCodes
{
    /// <summary>The file is not there, is a directory, or may not be read.</summary>
    public const string Unreadable = "CD1001";

    /// <summary>The file is larger than a scenario can be.</summary>
    public const string TooLarge = "CD1002";

    /// <summary>The file is not UTF-8 text.</summary>
    public const string NotText = "CD1003";

    /// <summary>The file holds a character that YAML does not allow, such as NUL.</summary>
    public const string ForbiddenCharacter = "CD1004";

    /// <summary>The file says nothing.</summary>
    public const string Empty = "CD1005";

    /// <summary>The text is not YAML.</summary>
    public const string Syntax = "CD1006";

    /// <summary>A line is indented with a tab.</summary>
    public const string Tab = "CD1007";

    /// <summary>The file holds more than one YAML document.</summary>
    public const string SeveralDocuments = "CD1008";

    /// <summary>Lists and mappings are nested too deeply.</summary>
    public const string TooDeep = "CD1009";

    /// <summary>An anchor (<c>&amp;x</c>) or alias (<c>*x</c>) is used.</summary>
    public const string Alias = "CD1010";

    /// <summary>A tag (<c>!!binary</c>, <c>!custom</c>) is used.</summary>
    public const string Tag = "CD1011";

    /// <summary>A merge key (<c>&lt;&lt;</c>) is used.</summary>
    public const string MergeKey = "CD1012";

    /// <summary>The name of a field is not text.</summary>
    public const string KeyNotText = "CD1013";

    /// <summary>A field is written twice.</summary>
    public const string DuplicateKey = "CD1014";

    /// <summary>There is no field of that name.</summary>
    public const string UnknownField = "CD1101";

    /// <summary>A required field is missing.</summary>
    public const string MissingField = "CD1102";

    /// <summary>A field is written without a value.</summary>
    public const string NoValue = "CD1103";

    /// <summary>Fields, a list or a single value stand where another of the three is expected.</summary>
    public const string WrongShape = "CD1104";

    /// <summary>A single value has the wrong type, such as text for a number.</summary>
    public const string WrongType = "CD1105";

    /// <summary>A word is none of those allowed.</summary>
    public const string UnknownWord = "CD1106";

    /// <summary>A duration cannot be read.</summary>
    public const string Duration = "CD1107";

    /// <summary>A percentage cannot be read.</summary>
    public const string Percentage = "CD1108";

    /// <summary>A number or percentage cannot be read.</summary>
    public const string Amount = "CD1109";

    /// <summary>A reference such as <c>deployment/NAME</c> cannot be read.</summary>
    public const string Reference = "CD1110";

    /// <summary>A value is outside its range.</summary>
    public const string OutOfRange = "CD1111";

    /// <summary>A field that allows one value only has another.</summary>
    public const string NotExact = "CD1112";

    /// <summary>A name is not a label by RFC 1123.</summary>
    public const string NotALabel = "CD1113";

    /// <summary>A required text or list has nothing in it.</summary>
    public const string NothingInIt = "CD1114";

    /// <summary>A step, probe or objective does not say what it is.</summary>
    public const string NoKind = "CD1115";

    /// <summary>A step, probe or objective says to be several things at once.</summary>
    public const string SeveralKinds = "CD1116";

    /// <summary>A comparison such as <c>&lt; 0.01</c> cannot be read.</summary>
    public const string Comparison = "CD1118";

    /// <summary>The options of a step or probe do not go together; the kind's own rules say how.</summary>
    public const string Options = "CD1117";

    /// <summary>Two probes have the same name.</summary>
    public const string DuplicateProbe = "CD1201";

    /// <summary>A probe is referred to that the scenario does not have.</summary>
    public const string UnknownProbe = "CD1202";

    /// <summary>A condition of the steady state names neither or both of workload and probe.</summary>
    public const string SteadyStateSubject = "CD1203";

    /// <summary>A recovery time is asked for that no step waits for.</summary>
    public const string RecoveryNotAwaited = "CD1204";

    /// <summary>A step stops waiting before its objective is missed, so that a miss has no value.</summary>
    public const string TimeoutTooShort = "CD1205";

    /// <summary>No step waits for the recovery from a fault.</summary>
    public const string FaultNotFollowed = "CD1206";

    /// <summary>A probe samples too rarely for the outage that its objective asks about.</summary>
    public const string OutageUnknowable = "CD1207";

    /// <summary>The drill would always be aborted before its steps are done.</summary>
    public const string DrillTooLong = "CD1208";

    /// <summary>A cron expression cannot be read or never comes due.</summary>
    public const string Cron = "CD1209";

    /// <summary>A time zone is not known.</summary>
    public const string TimeZone = "CD1210";

    /// <summary>An undo step names no fault that comes before it.</summary>
    public const string UndoOfNothing = "CD1211";

    /// <summary>A window of the week cannot be read.</summary>
    public const string Window = "CD1220";

    /// <summary>A day, or a span of days, cannot be read.</summary>
    public const string Days = "CD1221";

    /// <summary>Prometheus is asked, and the scenario names none.</summary>
    public const string NoPrometheus = "CD1222";

    /// <summary>A file of service level objectives holds none that can be used.</summary>
    public const string Slo = "CD1223";

    /// <summary>Lost entries are asked for, and no ledger writes any.</summary>
    public const string NoLedger = "CD1230";
}
