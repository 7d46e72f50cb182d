package org.externaltask.dispatcher.soak;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How long and how hard a soak is, from system properties.
 *
 * @param instances {@code soak.instances}: how many process instances are started
 * @param kills {@code soak.kills}: how often a dispatcher, the engine or the broker is killed or restarted
 * @param faultTime {@code soak.seconds}: for how long instances are started and parts fail
 * @param seed {@code soak.seed}: gives the same schedule of faults and the same orders again
 */
record SoakSettings(int instances, int kills, Duration faultTime, long seed) {

    static SoakSettings fromSystemProperties() {
        return new SoakSettings(
                Integer.getInteger("soak.instances", 2_000),
                Integer.getInteger("soak.kills", 12),
                Duration.ofSeconds(Long.getLong("soak.seconds", 85)),
                Long.getLong("soak.seed", ThreadLocalRandom.current().nextLong(1_000_000)));
    }

    /** The command that runs this soak again. */
    String command() {
        return "mvn verify -DskipUnitTests -Dit.test=Soak -Dsoak.instances=%d -Dsoak.kills=%d -Dsoak.seconds=%d -Dsoak.seed=%d"
                .formatted(instances, kills, faultTime.toSeconds(), seed);
    }
}
