package org.externaltask.dispatcher.http;

import java.util.Optional;
import org.apache.camel.PollingConsumer;
import org.apache.camel.Producer;
import org.apache.camel.component.http.HttpComponent;
import org.apache.camel.component.http.HttpEndpoint;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.core5.util.Timeout;
import org.externaltask.dispatcher.circuit.Circuit;

/** One call of a route to a peer, on the connections that all calls to this peer share. */
class HttpPeerEndpoint extends HttpEndpoint {

    private static final Timeout WAIT_FOR_CONNECTION = Timeout.ofSeconds(2);

    private final HttpCall call;
    private final Optional<Circuit> circuit;
    private final GatewayMeters meters;

    /** @param circuit decides whether the peer may be called; engines have none, because the fetch itself leaves them alone */
    HttpPeerEndpoint(String uri, HttpComponent client, HttpCall call, Optional<Circuit> circuit, GatewayMeters meters) {
        super(uri, client, call.peer().baseUrl(), settings(call), client.getClientConnectionManager(), null);
        this.call = call;
        this.circuit = circuit;
        this.meters = meters;
        setSkipRequestHeaders(true);
        setSkipResponseHeaders(true);
        setSkipControlHeaders(true);
        setThrowExceptionOnFailure(false); // the producer of ours reads every answer itself
    }

    HttpCall call() {
        return call;
    }

    @Override
    public Producer createProducer() {
        return circuit.<HttpPeerProducer>map(asked -> new GatewayProducer(this, asked, meters))
                .orElseGet(() -> new HttpPeerProducer(this));
    }

    @Override
    public PollingConsumer createPollingConsumer() {
        throw new UnsupportedOperationException(call.peer().role().scheme() + ": can only be sent to");
    }

    private static HttpClientBuilder settings(HttpCall call) {
        HttpClientBuilder settings = HttpClientBuilder.create()
                .setUserAgent("external-task-dispatcher")
                .setDefaultRequestConfig(RequestConfig.custom()
                        .setConnectionRequestTimeout(WAIT_FOR_CONNECTION)
                        .setResponseTimeout(Timeout.of(call.timeout()))
                        .setRedirectsEnabled(false)
                        .setAuthenticationEnabled(false)
                        .setProtocolUpgradeEnabled(false)
                        .build())
                .disableRedirectHandling()
                .disableCookieManagement()
                .disableAuthCaching()
                .disableConnectionState(); // with a client certificate, no connection would be used twice
        if (call.peer().credentials().isRenewable()) {
            settings.addExecInterceptorFirst(
                    "renew-credentials", new RenewCredentials(call.peer().credentials()));
        }
        return call.idempotent() ? settings.setRetryStrategy(RepeatOnce.INSTANCE) : settings.disableAutomaticRetries();
    }
}
