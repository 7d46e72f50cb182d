package org.externaltask.dispatcher.sandbox;

import java.util.Map;

/** Places orders whose stock is checked by the engine of the inventory; of every third there is not enough. */
final class StockedOrders implements Runnable {

    private final EngineClient engine;
    private int placed;

    StockedOrders(EngineClient engine) {
        this.engine = engine;
    }

    @Override
    public void run() {
        placed++;
        engine.startProcess(
                "order-management", "M-" + placed, Map.of("article", "A-1", "quantity", placed % 3 == 0 ? 100 : 3));
    }
}
