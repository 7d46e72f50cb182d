package org.externaltask.dispatcher.reload;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Consumer;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.MultipleConsumersSupport;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.Suspendable;
import org.apache.camel.support.DefaultAsyncProducer;
import org.apache.camel.support.DefaultComponent;
import org.apache.camel.support.DefaultConsumer;
import org.apache.camel.support.DefaultEndpoint;

/** Stands in for {@code external-task:}: a consumer is an entry in a map, a producer calls it. */
class TopicComponent extends DefaultComponent {

    private final Map<String, TopicConsumer> consumers = new ConcurrentHashMap<>();

    /** The topics that would be fetched. */
    Set<String> topics() {
        return consumers.keySet();
    }

    @Override
    protected Endpoint createEndpoint(String uri, String topic, Map<String, Object> parameters) throws Exception {
        TopicEndpoint endpoint = new TopicEndpoint(uri, this, topic);
        setProperties(endpoint, parameters);
        return endpoint;
    }

    static class TopicEndpoint extends DefaultEndpoint implements MultipleConsumersSupport {

        private final String topic;
        private int maxConcurrent = 16;

        TopicEndpoint(String uri, TopicComponent component, String topic) {
            super(uri, component);
            this.topic = topic;
        }

        public int getMaxConcurrent() {
            return maxConcurrent;
        }

        public void setMaxConcurrent(int maxConcurrent) {
            this.maxConcurrent = maxConcurrent;
        }

        Map<String, TopicConsumer> consumers() {
            return ((TopicComponent) getComponent()).consumers;
        }

        @Override
        public boolean isMultipleConsumersSupported() {
            return true;
        }

        @Override
        public Consumer createConsumer(Processor processor) {
            if (maxConcurrent < 1) {
                throw new IllegalArgumentException(
                        "maxConcurrent of topic " + topic + " is " + maxConcurrent + "; write 1 or more");
            }
            return new TopicConsumer(this, processor);
        }

        @Override
        public Producer createProducer() {
            return new DefaultAsyncProducer(this) {
                @Override
                public boolean process(Exchange exchange, AsyncCallback callback) {
                    TopicConsumer consumer = consumers().get(topic);
                    if (consumer == null) {
                        exchange.setException(new IllegalStateException("no route for topic " + topic));
                        callback.done(true);
                        return true;
                    }
                    return consumer.getAsyncProcessor().process(exchange, callback);
                }
            };
        }
    }

    static class TopicConsumer extends DefaultConsumer implements Suspendable {

        TopicConsumer(TopicEndpoint endpoint, Processor processor) {
            super(endpoint, processor);
        }

        @Override
        public TopicEndpoint getEndpoint() {
            return (TopicEndpoint) super.getEndpoint();
        }

        @Override
        protected void doStart() throws Exception {
            super.doStart();
            subscribe();
        }

        @Override
        protected void doResume() {
            subscribe();
        }

        @Override
        protected void doSuspend() {
            unsubscribe();
        }

        @Override
        protected void doStop() throws Exception {
            unsubscribe();
            super.doStop();
        }

        private void subscribe() {
            if (getEndpoint().consumers().putIfAbsent(getEndpoint().topic, this) != null) {
                throw new IllegalArgumentException("two routes consume the topic " + getEndpoint().topic);
            }
        }

        private void unsubscribe() {
            getEndpoint().consumers().remove(getEndpoint().topic, this);
        }
    }
}
