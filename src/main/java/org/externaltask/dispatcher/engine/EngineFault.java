package org.externaltask.dispatcher.engine;

import java.time.Duration;

/**
 * Why a call to an engine was not done.
 *
 * @param answer what it means
 * @param reason one sentence for people, without values of a task
 * @param retryAfter how long the engine asks to be left alone, a minute at most; zero when it does not ask
 */
public record EngineFault(EngineAnswer answer, String reason, Duration retryAfter) {

    /** How long an engine is left alone at most, whatever it or a proxy before it asks for. */
    public static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);

    public EngineFault {
        retryAfter = retryAfter.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : retryAfter;
    }
}
