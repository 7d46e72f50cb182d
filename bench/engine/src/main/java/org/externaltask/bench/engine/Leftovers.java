package org.externaltask.bench.engine;

import java.util.List;
import org.springframework.jdbc.core.JdbcTemplate;

/** What the engine holds of runs before, which would be in the way of the next one. */
final class Leftovers {

    private final JdbcTemplate jdbc;
    private final boolean h2;

    Leftovers(JdbcTemplate jdbc, boolean h2) {
        this.jdbc = jdbc;
        this.h2 = h2;
    }

    /** Empties runtime and history in one go: deleting instance by instance takes longer than to make them. */
    void forget() {
        List<String> tables = jdbc.queryForList(
                "SELECT table_name FROM information_schema.tables"
                        + " WHERE UPPER(table_name) LIKE 'ACT_HI_%' OR UPPER(table_name) LIKE 'ACT_RU_%'",
                String.class);
        if (h2) {
            jdbc.execute("SET REFERENTIAL_INTEGRITY FALSE");
            tables.forEach(table -> jdbc.execute("TRUNCATE TABLE " + table));
            jdbc.execute("SET REFERENTIAL_INTEGRITY TRUE");
        } else {
            jdbc.execute("TRUNCATE TABLE " + String.join(", ", tables));
        }
        jdbc.execute("DELETE FROM ACT_GE_BYTEARRAY WHERE DEPLOYMENT_ID_ IS NULL");
    }
}
