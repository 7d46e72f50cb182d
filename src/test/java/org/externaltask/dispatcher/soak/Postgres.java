package org.externaltask.dispatcher.soak;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A database of the soak's own in the PostgreSQL that {@code ETD_TEST_POSTGRES} names: {@code user:password@host:port}, by default
 * {@code postgres:postgres@127.0.0.1:5432}.
 */
final class Postgres implements AutoCloseable {

    private static final Pattern ADDRESS = Pattern.compile("([^:@]+):([^@]*)@([^:@]+:\\d+)");

    private final String user;
    private final String password;
    private final String server;
    private final String database =
            "etd_soak_" + UUID.randomUUID().toString().substring(0, 8).toLowerCase(Locale.ROOT);

    private Postgres(String user, String password, String server) {
        this.user = user;
        this.password = password;
        this.server = server;
    }

    static Postgres withNewDatabase() {
        String address = System.getenv().getOrDefault("ETD_TEST_POSTGRES", "postgres:postgres@127.0.0.1:5432");
        Matcher parts = ADDRESS.matcher(address);
        if (!parts.matches()) {
            throw new IllegalStateException("ETD_TEST_POSTGRES is not of the form user:password@host:port");
        }
        Postgres postgres = new Postgres(parts.group(1), parts.group(2), parts.group(3));
        postgres.execute("CREATE DATABASE " + postgres.database);
        return postgres;
    }

    /** How an engine finds it. */
    List<String> engineSettings() {
        return List.of(
                "--spring.datasource.url=jdbc:postgresql://" + server + "/" + database,
                "--spring.datasource.username=" + user,
                "--spring.datasource.password=" + password);
    }

    @Override
    public void close() {
        execute("DROP DATABASE " + database + " WITH (FORCE)");
    }

    private void execute(String sql) {
        try (Connection connection =
                        DriverManager.getConnection("jdbc:postgresql://" + server + "/postgres", user, password);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(
                    "PostgreSQL at " + server + " (user " + user + ") did not do '" + sql
                            + "'; start one, or set ETD_TEST_POSTGRES=user:password@host:port",
                    e);
        }
    }
}
