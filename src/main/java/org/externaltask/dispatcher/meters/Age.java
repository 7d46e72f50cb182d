package org.externaltask.dispatcher.meters;

import java.time.Duration;
import java.time.OffsetDateTime;

/** How old something is that another host has dated: for people only, because the clocks of two hosts differ. */
public final class Age {

    private Age() {}

    /** Never negative. */
    public static Duration of(OffsetDateTime date) {
        Duration age = Duration.between(date, OffsetDateTime.now(date.getOffset()));
        return age.isNegative() ? Duration.ZERO : age;
    }
}
