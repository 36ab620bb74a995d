using System.Buffers;
using System.Data.Common;
using System.Globalization;
using System.Text;

namespace ChaosDrill.Store;

/// <summary>Runs statements that every database of a store understands.</summary>
internal static class Sql
{
    private static readonly SearchValues<char> Unstorable = SearchValues.Create([.. Enumerable.Range(0xD800, 0x800).Append(0).Select(c => (char)c)]);

    /// <summary>Runs a statement and returns how many rows it changed.</summary>
    public static int Run(this DbConnection connection, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var command = Command(connection, sql, parameters);
        return command.ExecuteNonQuery();
    }

    /// <summary>Runs a query and makes something of each row.</summary>
    public static List<T> List<T>(this DbConnection connection, string sql, Func<DbDataReader, T> row, params (string Name, object? Value)[] parameters) =>
        [.. Each(connection, sql, row, parameters)];

    /// <summary>Runs a query and makes something of each row as it is asked for.</summary>
    public static IEnumerable<T> Each<T>(this DbConnection connection, string sql, Func<DbDataReader, T> row, params (string Name, object? Value)[] parameters)
    {
        using var command = Command(connection, sql, parameters);
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            yield return row(reader);
        }
    }

    /// <summary>The first number of the first row; null when there is none.</summary>
    public static long? Number(this DbConnection connection, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var command = Command(connection, sql, parameters);
        return command.ExecuteScalar() is { } value and not DBNull ? Convert.ToInt64(value, CultureInfo.InvariantCulture) : null;
    }

    /// <summary>A text that may be missing.</summary>
    public static string? Text(this DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    /// <summary>An instant.</summary>
    public static DateTimeOffset Time(this DbDataReader row, int column) => DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(column));

    /// <summary>A statement with its parameters.</summary>
    public static DbCommand Command(this DbConnection connection, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = name;
            parameter.Value = Storable(value);
            command.Parameters.Add(parameter);
        }

        return command;
    }

    /// <summary>A value as databases have it.</summary>
    internal static object Storable(object? value) => value switch
    {
        null => DBNull.Value,
        string text => Storable(text),
        _ => value,
    };

    /// <summary>A text without what PostgreSQL cannot hold: NUL, and halves of characters. Both come from foreign programs' output only.</summary>
    private static string Storable(string text) =>
        text.AsSpan().ContainsAny(Unstorable) ? Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.Replace('\0', '\uFFFD'))) : text;
}
