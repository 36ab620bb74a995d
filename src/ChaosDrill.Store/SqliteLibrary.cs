using System.Runtime.InteropServices;
using ChaosDrill.Engine.Ports;
using SQLitePCL;

namespace ChaosDrill.Store;

/// <summary>Binds the managed SQLite packages to the operating system's own library.</summary>
/// <remarks>The library bundled with the packages is too old for STRICT tables; Debian's is newer and gets security updates.</remarks>
internal static class SqliteLibrary
{
    /// <summary>What the library is called on Debian and its kin, where the package <c>libsqlite3-0</c> brings it.</summary>
    internal const string FileName = "libsqlite3.so.0";

    /// <summary>SQLite 3.37 brought STRICT tables.</summary>
    private const int OldestVersion = 3_037_000;

    private static readonly Lazy<JournalException?> Binding = new(() => Bind(FileName));

    /// <summary>Makes sure that the library is loaded.</summary>
    /// <exception cref="JournalException">It is missing or too old; names the package to install.</exception>
    public static void Require()
    {
        if (Binding.Value is { } failure)
        {
            throw new JournalException(failure.Message, failure.InnerException);
        }
    }

    /// <summary>Loads a library by name.</summary>
    /// <exception cref="JournalException">It is missing.</exception>
    internal static nint Load(string name)
    {
        if (NativeLibrary.TryLoad(name, out var handle))
        {
            return handle;
        }

        throw new JournalException(
            $"The SQLite library {name} is not on this machine, so no drill can be written down. " +
            "Install the Debian package libsqlite3-0: apt-get install -y libsqlite3-0");
    }

    private static JournalException? Bind(string name)
    {
        try
        {
            var handle = Load(name);
            NativeLibrary.SetDllImportResolver(
                typeof(SQLite3Provider_e_sqlite3).Assembly, (library, _, _) => library == "e_sqlite3" ? handle : 0);
            raw.SetProvider(new SQLite3Provider_e_sqlite3());
            raw.FreezeProvider();
        }
        catch (JournalException failure)
        {
            return failure;
        }

        return raw.sqlite3_libversion_number() >= OldestVersion
            ? null
            : new JournalException(
                $"The SQLite library {name} is version {raw.sqlite3_libversion().utf8_to_string()}, but 3.37 or later is needed. " +
                "Upgrade the Debian package libsqlite3-0.");
    }
}
