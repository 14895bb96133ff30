package s3ml.aecs.state;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;

/// One SQLite file: the store of an AECS that runs alone.
///
/// Write-ahead log with `synchronous=FULL`: a commit is on the disk when it returns. Several processes may open one
/// file; SQLite's own lock and the conditional commit keep them apart.
public final class SqliteRecordStore implements RecordStore {
    /// How long a commit waits for another process's.
    private static final int BUSY_MILLIS = 5_000;

    private final Connection connection;

    private SqliteRecordStore(Connection connection) {
        this.connection = connection;
    }

    /// Opens the file, and makes it if it does not exist.
    public static SqliteRecordStore open(Path file) {
        try {
            SQLiteConfig config = new SQLiteConfig();
            // It costs a query behind each of our writes, and nobody asks for what it finds.
            config.setGetGeneratedKeys(false);
            Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file, config.toProperties());
            try (Statement statement = connection.createStatement()) {
                statement.execute("PRAGMA busy_timeout=" + BUSY_MILLIS);
                statement.execute("PRAGMA journal_mode=WAL");
                statement.execute("PRAGMA synchronous=FULL");
                statement.execute("PRAGMA trusted_schema=OFF");
                statement.execute(
                        "CREATE TABLE IF NOT EXISTS entries(key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID");
            }
            return new SqliteRecordStore(connection);
        } catch (SQLException e) {
            throw Faults.storage("SQLite", "opening " + file, e);
        }
    }

    @Override
    public synchronized List<byte @Nullable []> getAll(List<String> keys) {
        return atOneMoment(reader -> reader.getAll(keys));
    }

    private List<byte @Nullable []> values(List<String> keys) {
        List<byte @Nullable []> values = new ArrayList<>(keys.size());
        try (PreparedStatement select = connection.prepareStatement("SELECT value FROM entries WHERE key=?")) {
            for (String key : keys) {
                values.add(value(select, key));
            }
            return values;
        } catch (SQLException e) {
            throw Faults.storage("SQLite", "reading", e);
        }
    }

    /// Other callers wait meanwhile: one connection holds one transaction.
    @Override
    public synchronized <T> T atOneMoment(Function<RecordReader, T> reading) {
        try {
            execute("BEGIN");
            try {
                return reading.apply(new Moment());
            } finally {
                execute("COMMIT");
            }
        } catch (SQLException e) {
            throw Faults.storage("SQLite", "reading", e);
        }
    }

    @Override
    public synchronized SortedMap<String, byte[]> range(String from, String to, int limit) {
        SortedMap<String, byte[]> found = new TreeMap<>();
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT key, value FROM entries WHERE key>=? AND key<? ORDER BY key LIMIT ?")) {
            select.setString(1, from);
            select.setString(2, to);
            select.setInt(3, limit);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    found.put(rows.getString(1), rows.getBytes(2));
                }
            }
            return found;
        } catch (SQLException e) {
            throw Faults.storage("SQLite", "reading", e);
        }
    }

    /// Reads inside the transaction that its maker began.
    private final class Moment implements RecordReader {
        @Override
        public List<byte @Nullable []> getAll(List<String> keys) {
            return values(keys);
        }

        @Override
        public SortedMap<String, byte[]> range(String from, String to, int limit) {
            return SqliteRecordStore.this.range(from, to, limit);
        }
    }

    @Override
    public synchronized boolean commit(String guard, byte @Nullable [] expected, List<Write> writes) {
        if (writes.size() > MAX_WRITES) {
            throw new IllegalArgumentException(writes.size() + " writes are more than " + MAX_WRITES);
        }
        try {
            // IMMEDIATE takes the write lock before the guard is read, so nobody changes it in between.
            execute("BEGIN IMMEDIATE");
            boolean done = false;
            try {
                done = matches(guard, expected);
                if (done) {
                    apply(writes);
                }
            } catch (SQLException e) {
                execute("ROLLBACK");
                throw e;
            }
            execute(done ? "COMMIT" : "ROLLBACK");
            return done;
        } catch (SQLException e) {
            throw Faults.storage("SQLite", "committing", e);
        }
    }

    private boolean matches(String guard, byte @Nullable [] expected) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("SELECT value FROM entries WHERE key=?")) {
            return Arrays.equals(value(select, guard), expected);
        }
    }

    private void apply(List<Write> writes) throws SQLException {
        try (PreparedStatement put = connection.prepareStatement("INSERT OR REPLACE INTO entries VALUES(?,?)");
                PreparedStatement delete = connection.prepareStatement("DELETE FROM entries WHERE key=?")) {
            for (Write write : writes) {
                byte[] value = write.value();
                if (value == null) {
                    delete.setString(1, write.key());
                    delete.executeUpdate();
                } else {
                    put.setString(1, write.key());
                    put.setBytes(2, value);
                    put.executeUpdate();
                }
            }
        }
    }

    private static byte @Nullable [] value(PreparedStatement select, String key) throws SQLException {
        select.setString(1, key);
        try (ResultSet row = select.executeQuery()) {
            return row.next() ? row.getBytes(1) : null;
        }
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public String kind() {
        return "SQLite";
    }

    @Override
    public synchronized void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw Faults.storage("SQLite", "closing", e);
        }
    }
}
