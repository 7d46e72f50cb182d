package org.externaltask.dispatcher.security;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Writes down who did what from where and what came of it, one line each, with the logger {@code etd.audit}. */
@Component
class AuditLog {

    static final String NOBODY = "nobody";

    private static final Logger LOG = LoggerFactory.getLogger("etd.audit");
    private static final int LONGEST = 500;

    void write(String who, String from, String what, String outcome) {
        LOG.atInfo()
                .addKeyValue("user", line(who))
                .addKeyValue("clientAddress", line(from))
                .addKeyValue("action", line(what))
                .addKeyValue("outcome", line(outcome))
                .log("{} from {}: {} -> {}", line(who), line(from), line(what), line(outcome));
    }

    /** Names and ids come from outside, and must neither make lines of their own nor turn letters around. */
    private static String line(String text) {
        String line = text.replaceAll("[\\p{C}\\p{Zl}\\p{Zp}]+", " ");
        return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "…";
    }
}
