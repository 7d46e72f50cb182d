package org.externaltask.dispatcher.operations;

import org.externaltask.dispatcher.broker.ParkedMessages;
import org.externaltask.dispatcher.broker.ParkedMessages.Overview;
import org.externaltask.dispatcher.broker.ParkedMessages.Redriven;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.lang.Nullable;
import org.springframework.stereotype.Component;

/** {@code /actuator/parked}: what is parked (GET), and sending it back (POST). */
@Component
@Endpoint(id = "parked")
class ParkedEndpoint {

    private final ParkedMessages messages;

    ParkedEndpoint(ParkedMessages messages) {
        this.messages = messages;
    }

    @ReadOperation
    Overview overview() {
        return messages.overview();
    }

    @WriteOperation
    Redriven redrive(@Nullable String queue, @Nullable String messageId) {
        return messages.redrive(queue, messageId);
    }
}
