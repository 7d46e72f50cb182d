package org.externaltask.dispatcher.sandbox;

import java.util.List;
import java.util.Map;

/** Places orders, for one customer after the other; the gateway does not know the last one. */
final class OrderSource implements Runnable {

    private static final List<String> CUSTOMERS = List.of("C-1", "C-2", "C-3", "C-404");
    private static final int FIRST_NUMBER = 1001;

    private final EngineClient engine;
    private int placed;

    OrderSource(EngineClient engine) {
        this.engine = engine;
    }

    @Override
    public void run() {
        String orderNumber = "O-" + (FIRST_NUMBER + placed);
        String customerNumber = CUSTOMERS.get(placed % CUSTOMERS.size());
        placed++;
        engine.startProcess(
                "order-handling", orderNumber, Map.of("orderNumber", orderNumber, "customerNumber", customerNumber));
    }
}
