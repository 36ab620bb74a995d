using System.Globalization;
using System.Text;
using System.Xml.Linq;

namespace ChaosDrill.Reports.Charts;

/// <summary>A small drawing surface that writes SVG: the shapes that the charts need, and nothing else.</summary>
internal sealed class SvgCanvas
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    private readonly XElement root;
    private readonly List<XElement> captions = [];

    /// <summary>Starts a drawing.</summary>
    /// <param name="id">Prefix of every id in it; a page may hold several drawings.</param>
    /// <param name="width">Width in its own units.</param>
    /// <param name="title">What it is, for those who cannot see it.</param>
    /// <param name="description">What it shows, for those who cannot see it.</param>
    public SvgCanvas(string id, double width, string title, string description)
    {
        Id = id;
        Width = width;
        root = new XElement(
            Svg + "svg",
            new XAttribute("class", "cd-chart"),
            new XAttribute("role", "img"),
            new XAttribute("aria-labelledby", $"{id}-title {id}-desc"),
            new XElement(Svg + "title", new XAttribute("id", $"{id}-title"), title),
            new XElement(Svg + "desc", new XAttribute("id", $"{id}-desc"), description));
    }

    public string Id { get; }

    public double Width { get; }

    /// <summary>Defines a hatching that shapes can be filled with by <c>url(#name)</c>.</summary>
    public void Hatching(string name, string cssClass) => root.Add(new XElement(
        Svg + "defs",
        new XElement(
            Svg + "pattern",
            new XAttribute("id", $"{Id}-{name}"), new XAttribute("width", 6), new XAttribute("height", 6),
            new XAttribute("patternUnits", "userSpaceOnUse"), new XAttribute("patternTransform", "rotate(45)"),
            new XElement(Svg + "rect", new XAttribute("class", cssClass), new XAttribute("width", 2.2), new XAttribute("height", 6)))));

    public void Rectangle(string cssClass, double x, double y, double width, double height, string? fill = null)
    {
        var shape = Element("rect", cssClass, ("x", x), ("y", y), ("width", Math.Max(width, 0)), ("height", height));
        if (fill is not null)
        {
            shape.Add(new XAttribute("fill", $"url(#{Id}-{fill})"));
        }
    }

    public void Line(string cssClass, double x1, double y1, double x2, double y2) =>
        Element("line", cssClass, ("x1", x1), ("y1", y1), ("x2", x2), ("y2", y2));

    public void Circle(string cssClass, double x, double y, double radius) => Element("circle", cssClass, ("cx", x), ("cy", y), ("r", radius));

    /// <summary>Draws path data; nothing when there is none.</summary>
    public void Shape(string cssClass, StringBuilder data)
    {
        if (data.Length > 0)
        {
            Element("path", cssClass).Add(new XAttribute("d", data.ToString()));
        }
    }

    /// <summary>Writes a text that nothing drawn later may cover.</summary>
    public void Caption(string cssClass, double x, double y, string text, string anchor = "start")
    {
        Text(cssClass, x, y, text, anchor);
        captions.Add((XElement)root.LastNode!);
        root.LastNode!.Remove();
    }

    public void Text(string cssClass, double x, double y, string text, string anchor = "start")
    {
        var element = Element("text", cssClass, ("x", x), ("y", y));
        if (anchor != "start")
        {
            element.Add(new XAttribute("text-anchor", anchor));
        }

        element.Add(text);
    }

    /// <summary>About how wide a text of the charts' size is.</summary>
    public static double WidthOf(string text) => text.Length * 6.3;

    /// <summary>The text, cut to about a width.</summary>
    public static string Fit(string text, double width)
    {
        var most = (int)(width / 7);
        return text.Length <= most ? text : string.Concat(text.AsSpan(0, Math.Max(most - 1, 0)), "…");
    }

    /// <summary>The finished drawing.</summary>
    /// <param name="height">Its height in its own units.</param>
    /// <param name="style">Style sheet to carry along; null inside a page that has it already.</param>
    public string Finish(double height, string? style)
    {
        root.Add(captions);
        root.SetAttributeValue("viewBox", $"0 0 {Number(Width)} {Number(height)}");
        if (style is not null)
        {
            root.SetAttributeValue("width", Number(Width));
            root.SetAttributeValue("height", Number(height));
            root.AddFirst(new XElement(Svg + "style", style));
        }

        return root.ToString(SaveOptions.DisableFormatting);
    }

    /// <summary>A coordinate with a tenth of a unit.</summary>
    public static string Number(double value) => Math.Round(value, 1).ToString("0.#", CultureInfo.InvariantCulture);

    private XElement Element(string name, string cssClass, params ReadOnlySpan<(string Name, double Value)> attributes)
    {
        var element = new XElement(Svg + name, new XAttribute("class", cssClass));
        foreach (var (attribute, value) in attributes)
        {
            element.Add(new XAttribute(attribute, Number(value)));
        }

        root.Add(element);
        return element;
    }
}
