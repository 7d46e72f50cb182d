package org.externaltask.dispatcher.circuit;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.StateTransition;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.Exchange;
import org.externaltask.dispatcher.configuration.EtdProperties;
import org.externaltask.dispatcher.failure.CircuitOpen;
import org.externaltask.dispatcher.meters.LastSeen;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides whether a gateway or the broker may be called, from how the latest calls went, and learns from the calls which topics
 * depend on it. Says so once when it opens and once when it closes.
 */
public final class Circuit {

    static final String USER = "etdCircuitUser";

    private static final String PROBE = "etdProbe";
    private static final Logger LOG = LoggerFactory.getLogger(Circuit.class);
    private static final int NEVER = -1;

    private final CircuitBreaker breaker;
    private final EtdProperties.Circuit settings;
    private final Runnable onChange;

    /** Who has called, each with the period (see there) in which it was refused last. */
    private final Map<CircuitUser, Integer> users = Collections.synchronizedMap(new IdentityHashMap<>());

    /**
     * Counts the times that something has changed for those who were refused. Whoever was refused in this period stays away, and
     * whoever was refused before may try again.
     */
    private final AtomicInteger period = new AtomicInteger();

    private volatile Instant since = Instant.now();
    private volatile Instant openSince;
    private volatile String lastError;
    private volatile String blocked;
    private final LastSeen seen = new LastSeen();

    Circuit(CircuitBreaker breaker, EtdProperties.Circuit settings, Runnable onChange) {
        this.breaker = breaker;
        this.settings = settings;
        this.onChange = onChange;
        breaker.getEventPublisher().onStateTransition(event -> changed(event.getStateTransition()));
    }

    /**
     * What is known about a circuit.
     *
     * @param closed whether calls are made as if there was no circuit
     * @param state {@code closed}, {@code open}, {@code half open}, {@code blocked} or {@code disabled}
     * @param since when it came into this state
     * @param lastError why the latest call failed, or why calls are blocked; null when none has failed
     */
    public record Status(boolean closed, String state, Instant since, String lastError) {}

    /** For messages, for example {@code gateway default}. */
    public String name() {
        return breaker.getName();
    }

    public Status status() {
        State state = breaker.getState();
        return new Status(
                isClosed(state),
                blocked != null
                        ? "blocked"
                        : state.name().toLowerCase(Locale.ROOT).replace('_', ' '),
                since,
                blocked != null ? blocked : lastError);
    }

    /** How the latest calls went. */
    public LastSeen lastSeen() {
        return seen;
    }

    /**
     * Asks whether a call may be made for an exchange; the answer must be closed.
     *
     * @throws CircuitOpen when it may not
     */
    public Permission permission(Exchange exchange) {
        Optional<CircuitUser> user = CircuitUser.of(exchange);
        int now = period.get(); // before the question: a refusal that a change overtakes must not outlast the change
        boolean permitted = breaker.tryAcquirePermission();
        user.ifPresent(known -> users.put(known, permitted ? NEVER : now));
        if (!permitted) {
            throw new CircuitOpen(
                    name() + " is not called for now, because " + (blocked != null ? blocked : "it keeps failing")
                            + (blocked == null && lastError != null ? " (" + lastError + ")" : ""));
        }
        State state = breaker.getState();
        exchange.setProperty(PROBE, state == State.HALF_OPEN);
        return new Permission(state);
    }

    /** Whether the latest call of an exchange was made to find out whether its target is back, so that its failure is no news. */
    public static boolean wasProbe(Exchange exchange) {
        return exchange.getProperty(PROBE, false, Boolean.class);
    }

    /** Nobody may call until {@link #unblock}: the other side has said so itself. */
    public synchronized void block(String reason) {
        if (breaker.getState() != State.DISABLED && blocked == null) {
            blocked = reason;
            breaker.transitionToForcedOpenState();
        }
    }

    /** @param known whether the other side has said so; otherwise some calls have to find it out */
    public synchronized void unblock(boolean known) {
        if (blocked != null) {
            blocked = null;
            if (known) {
                breaker.transitionToClosedState();
            } else {
                breaker.transitionToHalfOpenState();
            }
        }
    }

    /** How many tasks of a topic may be in work at once, as far as this circuit goes. */
    int room(CircuitUser user) {
        State state = breaker.getState();
        if (isClosed(state)) {
            return Integer.MAX_VALUE;
        }
        Integer refused = users.get(user);
        if (refused == null) {
            return Integer.MAX_VALUE;
        }
        return state == State.HALF_OPEN && refused != period.get() ? 1 : 0;
    }

    /** One call; what is not told how it went is not counted. */
    public final class Permission implements AutoCloseable {

        private final State granted;
        private final long startNanos = System.nanoTime();
        private boolean told;

        private Permission(State granted) {
            this.granted = granted;
        }

        /** The other side has answered. */
        public void succeeded() {
            seen.succeeded();
            if (tell()) {
                breaker.onSuccess(System.nanoTime() - startNanos, TimeUnit.NANOSECONDS);
            }
        }

        /** The other side cannot be reached, or says itself that it may do better later. */
        public void failed(Throwable failure) {
            seen.failed(failure.getClass().getSimpleName(), failure.getMessage(), null);
            if (tell()) {
                lastError = failure.getMessage();
                breaker.onError(System.nanoTime() - startNanos, TimeUnit.NANOSECONDS, failure);
            }
        }

        @Override
        public void close() {
            if (tell()) {
                breaker.releasePermission();
                if (granted == State.HALF_OPEN) {
                    period.incrementAndGet(); // whoever was refused for the sake of this call may try in its place
                    onChange.run();
                }
            }
        }

        /** A call from before the circuit opened says nothing about whether the other side is back. */
        private boolean tell() {
            boolean first = !told;
            told = true;
            return first && (granted == State.HALF_OPEN || isClosed(breaker.getState()));
        }
    }

    private void changed(StateTransition transition) {
        period.incrementAndGet();
        since = Instant.now();
        State now = transition.getToState();
        if (isClosed(now)) {
            if (openSince != null) {
                LOG.info(
                        "{} answers again after {} s; tasks are fetched as before",
                        name(),
                        Duration.between(openSince, since).toSeconds());
            }
            openSince = null;
            lastError = null;
            users.clear();
        } else if (openSince == null) {
            openSince = since;
            LOG.warn(
                    "{} {}. No tasks are fetched for the topics that need it ({}) until it answers again; they stay in the"
                            + " engine and keep their retries. {}",
                    name(),
                    blocked != null ? "takes nothing: " + blocked : "keeps failing: " + lastError,
                    String.join(", ", topics()),
                    blocked != null
                            ? "It says itself when that is over"
                            : "It is tried again after %d s, later after up to %d s"
                                    .formatted(
                                            settings.waitDurationInOpenState().toSeconds(),
                                            settings.maxWaitDurationInOpenState()
                                                    .toSeconds()));
        }
        onChange.run();
    }

    private List<String> topics() {
        synchronized (users) {
            return users.keySet().stream()
                    .map(CircuitUser::topic)
                    .distinct()
                    .sorted()
                    .toList();
        }
    }

    private static boolean isClosed(State state) {
        return state == State.CLOSED || state == State.DISABLED;
    }
}
