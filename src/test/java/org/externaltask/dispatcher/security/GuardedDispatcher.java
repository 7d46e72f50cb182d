package org.externaltask.dispatcher.security;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.stream.Stream;
import org.externaltask.dispatcher.DispatcherApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.embedded.tomcat.TomcatWebServer;
import org.springframework.boot.web.servlet.context.ServletWebServerApplicationContext;

/** A dispatcher whose server can be called; engine and broker are away. */
final class GuardedDispatcher implements AutoCloseable {

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final ServletWebServerApplicationContext context;

    private GuardedDispatcher(ServletWebServerApplicationContext context) {
        this.context = context;
    }

    static GuardedDispatcher start(String... more) {
        return new GuardedDispatcher(
                (ServletWebServerApplicationContext) new SpringApplicationBuilder(DispatcherApplication.class)
                        .registerShutdownHook(false)
                        .run(Stream.concat(
                                        Stream.of(
                                                "--server.port=0",
                                                "--etd.routes=file:src/test/resources/sandbox/no-topics",
                                                "--etd.engines.default.base-url=http://localhost:9/engine-rest",
                                                "--spring.rabbitmq.port=9"),
                                        Stream.of(more))
                                .toArray(String[]::new)));
    }

    int port() {
        return context.getWebServer().getPort();
    }

    int managementPort() {
        return Integer.parseInt(context.getEnvironment().getRequiredProperty("local.management.port"));
    }

    /** Where the server listens; null for everywhere. */
    InetAddress address() {
        return (InetAddress) ((TomcatWebServer) context.getWebServer())
                .getTomcat()
                .getConnector()
                .getProperty("address");
    }

    /** @param headers names and values by turns */
    HttpResponse<String> send(String method, String path, String body, String... headers) throws Exception {
        return send(port(), method, path, body, headers);
    }

    static HttpResponse<String> send(int port, String method, String path, String body, String... headers)
            throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return HTTP.send(request.build(), BodyHandlers.ofString());
    }

    /** Sends what no HTTP client would, and gives the first line of the answer. */
    String sendRaw(String request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port())) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().flush();
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return answer.lines().findFirst().orElse("");
        }
    }

    static String basic(String user, String password) {
        return "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        context.close();
    }
}
