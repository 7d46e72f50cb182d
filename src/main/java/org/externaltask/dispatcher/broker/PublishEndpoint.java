package org.externaltask.dispatcher.broker;

import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.component.springrabbit.SpringRabbitMQHelper;
import org.apache.camel.support.DefaultEndpoint;
import org.externaltask.dispatcher.circuit.Circuit;

/** An exchange to publish to, and the route author's options for it. */
public class PublishEndpoint extends DefaultEndpoint {

    private final String exchange;
    private final Publisher publisher;
    private final Circuit circuit;
    private String routingKey = "";
    private String messageName;
    private String contentType = "application/json";
    private boolean persistent = true;
    private boolean tenant;

    PublishEndpoint(String uri, PublishComponent component, String exchange, Publisher publisher, Circuit circuit) {
        super(uri, component);
        this.exchange = SpringRabbitMQHelper.isDefaultExchange(exchange) ? "" : exchange;
        this.publisher = publisher;
        this.circuit = circuit;
    }

    @Override
    public Producer createProducer() {
        return new PublishProducer(this, publisher, circuit);
    }

    @Override
    public Consumer createConsumer(Processor processor) {
        throw new UnsupportedOperationException(
                "publish: only sends; a receive route starts with from: spring-rabbitmq:<exchange>");
    }

    Destination destination() {
        return new Destination(exchange, routingKey);
    }

    public void setRoutingKey(String routingKey) {
        this.routingKey = routingKey;
    }

    String messageName() {
        return messageName;
    }

    public void setMessageName(String messageName) {
        this.messageName = messageName;
    }

    String contentType() {
        return contentType;
    }

    public void setContentType(String contentType) {
        this.contentType = contentType;
    }

    boolean persistent() {
        return persistent;
    }

    /** Whether receivers are told the tenant of the task. */
    boolean tenant() {
        return tenant;
    }

    public void setTenant(boolean tenant) {
        this.tenant = tenant;
    }

    public void setPersistent(boolean persistent) {
        this.persistent = persistent;
    }
}
