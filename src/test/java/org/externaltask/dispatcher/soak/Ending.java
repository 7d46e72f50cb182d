package org.externaltask.dispatcher.soak;

import java.util.Random;

/** How an order has to end; its number says which, so that the gateway knows, too. */
enum Ending {
    /** All steps pass. */
    DONE,
    /** The gateway has a business answer that the process catches as a BPMN error. */
    REJECTED,
    /** The gateway refuses the call as unusable, so the instance stands at an incident. */
    INCIDENT;

    static String orderNumber(int number, Random random) {
        int chance = random.nextInt(100);
        Ending ending = chance < 2 ? REJECTED : chance < 3 ? INCIDENT : DONE;
        return ending + "-" + number;
    }

    static Ending of(String orderNumber) {
        return valueOf(orderNumber.substring(0, orderNumber.indexOf('-')));
    }
}
