package org.externaltask.dispatcher.sandbox;

import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;

import com.github.tomakehurst.wiremock.WireMockServer;
import java.net.URI;

/** An API gateway (WireMock) that answers with the stubs in {@code src/test/resources/gateway/mappings}. */
public final class StubGateway implements AutoCloseable {

    private final WireMockServer server;

    private StubGateway(WireMockServer server) {
        this.server = server;
    }

    /** Starts a gateway; port 0 takes a free one. */
    public static StubGateway start(int port) {
        WireMockServer server =
                new WireMockServer(options().bindAddress("127.0.0.1").port(port).usingFilesUnderClasspath("gateway"));
        server.start();
        return new StubGateway(server);
    }

    /** Where it is, as in {@code etd.gateways.default.base-url}. */
    public URI baseUrl() {
        return URI.create("http://localhost:" + server.port());
    }

    /** For tests that add stubs or look at the requests. */
    public WireMockServer wireMock() {
        return server;
    }

    @Override
    public void close() {
        server.stop();
    }
}
