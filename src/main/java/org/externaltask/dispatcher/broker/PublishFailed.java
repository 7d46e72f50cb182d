package org.externaltask.dispatcher.broker;

import java.time.Duration;

/** A message that the broker did not take, or took and could not route; says whether trying again can help. */
public final class PublishFailed extends RuntimeException {

    private final Blame blame;

    /** Who has to change for the same message to get through. */
    private enum Blame {
        BROKER,
        QUEUE,
        ROUTE
    }

    private PublishFailed(String message, Blame blame, Throwable cause) {
        super(message, cause);
        this.blame = blame;
    }

    /** Whether the same message may get through later without anybody changing anything. */
    public boolean retriable() {
        return blame != Blame.ROUTE;
    }

    /** Whether the broker itself is away, so that no other message would get through either. */
    boolean isBrokerAway() {
        return blame == Blame.BROKER;
    }

    /** In one word, for the meters. */
    String outcome() {
        return switch (blame) {
            case BROKER -> "failed";
            case QUEUE -> "refused";
            case ROUTE -> "unroutable";
        };
    }

    static PublishFailed unroutable(Destination to) {
        return new PublishFailed(
                "no queue takes a message from " + to + ": bind a queue to the exchange with this key,"
                        + " or correct exchange and routingKey in the route",
                Blame.ROUTE,
                null);
    }

    static PublishFailed unknownExchange(Destination to) {
        return new PublishFailed(
                "there is no exchange '" + to.exchange() + "' (routing key '" + to.routingKey()
                        + "'): create the exchange on the broker, or correct exchange in the route",
                Blame.ROUTE,
                null);
    }

    static PublishFailed badBody(Destination to, String problem, Throwable cause) {
        return new PublishFailed("nothing was sent to " + to + ": " + problem, Blame.ROUTE, cause);
    }

    static PublishFailed refused(Destination to, String reason) {
        return new PublishFailed(
                "the broker did not take a message for " + to
                        + (reason == null ? " (a queue may be full)" : ": " + reason),
                reason == null
                        ? Blame.QUEUE
                        : Blame.BROKER, // brokers give none: it is the client's, for a line that broke
                null);
    }

    static PublishFailed unconfirmed(Destination to, Duration timeout) {
        return new PublishFailed(
                "the broker did not confirm a message for " + to + " within " + timeout.toMillis()
                        + " ms; it may have arrived",
                Blame.BROKER,
                null);
    }

    static PublishFailed unreachable(Destination to, String broker, Throwable cause) {
        return new PublishFailed(
                "a message for " + to + " could not be sent to the broker at " + broker + ": " + cause.getMessage(),
                Blame.BROKER,
                cause);
    }
}
