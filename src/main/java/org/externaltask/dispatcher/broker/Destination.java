package org.externaltask.dispatcher.broker;

/** Where a message goes: an exchange ({@code ""} is the broker's default exchange) and a routing key. */
record Destination(String exchange, String routingKey) {

    /** A queue by its name, over the default exchange. */
    static Destination queue(String name) {
        return new Destination("", name);
    }

    @Override
    public String toString() {
        return (exchange.isEmpty() ? "default exchange" : "exchange '" + exchange + "'") + " with routing key '"
                + routingKey + "'";
    }
}
