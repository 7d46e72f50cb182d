package org.externaltask.bench.engine;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** H2 in memory, or a database of its own in a PostgreSQL, which goes with the engine. */
final class Database {

    private static final Pattern ADDRESS = Pattern.compile("([^:@]+):([^@]*)@([^:@]+:\\d+)");

    private final String name = "etd_bench_" + UUID.randomUUID().toString().substring(0, 8);
    private final Properties settings = new Properties();
    private final String server;

    private Database(String address) {
        Matcher postgres = ADDRESS.matcher(address);
        if (address.equals("h2")) {
            server = null;
            settings.setProperty(
                    "spring.datasource.url", "jdbc:h2:mem:" + name + ";DB_CLOSE_DELAY=-1;LOCK_TIMEOUT=10000");
            settings.setProperty("spring.datasource.username", "sa");
        } else if (postgres.matches()) {
            server = "jdbc:postgresql://" + postgres.group(3) + "/";
            settings.setProperty("spring.datasource.url", server + name);
            settings.setProperty("spring.datasource.username", postgres.group(1));
            settings.setProperty("spring.datasource.password", postgres.group(2));
            execute("CREATE DATABASE " + name);
        } else {
            throw new IllegalArgumentException("the database is h2 or user:password@host:port, not '" + address + "'");
        }
    }

    /** @param address {@code h2}, or {@code user:password@host:port} */
    static Database of(String address) {
        return new Database(address);
    }

    Properties settings() {
        return settings;
    }

    void close() {
        if (server != null) {
            execute("DROP DATABASE " + name + " WITH (FORCE)");
        }
    }

    private void execute(String sql) {
        try (Connection connection = DriverManager.getConnection(
                        server + "postgres",
                        settings.getProperty("spring.datasource.username"),
                        settings.getProperty("spring.datasource.password"));
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException("PostgreSQL did not do '" + sql + "'", e);
        }
    }
}
