package org.externaltask.dispatcher.soak;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Something that fails.
 *
 * @param at how long after the begin
 */
record Fault(Duration at, Kind kind) {

    private static final Duration PAUSE_BETWEEN_GATEWAY_FAULTS = Duration.ofSeconds(9);

    enum Kind {
        DISPATCHER_KILLED,
        DISPATCHER_TERMINATED,
        DISPATCHER_HALTED,
        ENGINE_KILLED,
        BROKER_KILLED,
        BROKER_RESTARTED,
        BROKER_CONNECTIONS_CLOSED,
        GATEWAY_ERRORS,
        GATEWAY_HANGS,
        GATEWAY_RESETS;

        /** Whether a process ends by it. */
        boolean endsAProcess() {
            return switch (this) {
                case DISPATCHER_KILLED, DISPATCHER_TERMINATED, ENGINE_KILLED, BROKER_KILLED, BROKER_RESTARTED -> true;
                default -> false;
            };
        }
    }

    /** What fails when; the same for the same settings. */
    static List<Fault> schedule(SoakSettings settings) {
        Random random = new Random(settings.seed());
        List<Kind> processes = new ArrayList<>();
        add(processes, Kind.ENGINE_KILLED, Math.max(1, settings.kills() / 12));
        add(processes, Kind.BROKER_KILLED, Math.max(1, settings.kills() / 20));
        add(processes, Kind.BROKER_RESTARTED, settings.kills() / 20);
        add(processes, Kind.DISPATCHER_TERMINATED, Math.max(1, settings.kills() / 6));
        add(processes, Kind.DISPATCHER_KILLED, Math.max(0, settings.kills() - processes.size()));
        add(processes, Kind.DISPATCHER_HALTED, Math.max(1, settings.kills() / 8));
        add(processes, Kind.BROKER_CONNECTIONS_CLOSED, Math.max(1, settings.kills() / 8));
        Collections.shuffle(processes, random);

        List<Kind> gateway = new ArrayList<>();
        long bursts = settings.faultTime().dividedBy(PAUSE_BETWEEN_GATEWAY_FAULTS);
        List<Kind> moods = List.of(Kind.GATEWAY_ERRORS, Kind.GATEWAY_HANGS, Kind.GATEWAY_RESETS);
        for (int i = 0; i < bursts; i++) {
            gateway.add(moods.get(i % moods.size()));
        }
        Collections.shuffle(gateway, random);

        List<Fault> schedule = new ArrayList<>();
        schedule.addAll(spread(processes, settings.faultTime(), random));
        schedule.addAll(spread(gateway, settings.faultTime(), random));
        return List.copyOf(schedule);
    }

    private static void add(List<Kind> kinds, Kind kind, int times) {
        kinds.addAll(Collections.nCopies(times, kind));
    }

    /** One in each slice of the time, somewhere in it. */
    private static List<Fault> spread(List<Kind> kinds, Duration time, Random random) {
        List<Fault> faults = new ArrayList<>();
        double slice = (double) time.toMillis() / Math.max(1, kinds.size());
        for (int i = 0; i < kinds.size(); i++) {
            faults.add(new Fault(Duration.ofMillis((long) (slice * (i + random.nextDouble()))), kinds.get(i)));
        }
        return faults;
    }
}
