package org.externaltask.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;

/** How the measuring process talks to an engine, or to the stub of one. */
final class Http {

    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int TRIES_AT_START = 1_200;

    private Http() {}

    static JsonNode get(URI uri) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(uri).GET());
    }

    static JsonNode post(URI uri, Object body) throws IOException, InterruptedException {
        BodyPublisher json = BodyPublishers.ofString(JSON.writeValueAsString(body));
        return send(HttpRequest.newBuilder(uri)
                .header("Content-Type", "application/json")
                .POST(json));
    }

    /** Asks until the process that has just been started answers. */
    static JsonNode whenStarted(URI uri, Child child) throws IOException, InterruptedException {
        for (int attempt = 0; ; attempt++) {
            try {
                return get(uri);
            } catch (IOException e) {
                child.mustLive();
                if (attempt == TRIES_AT_START) {
                    throw e;
                }
                Thread.sleep(50);
            }
        }
    }

    static JsonNode send(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpRequest built = request.build();
        HttpResponse<String> response = CLIENT.send(built, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() / 100 != 2) {
            throw new IOException(built.uri() + " was answered " + response.statusCode() + ": " + response.body());
        }
        return JSON.readTree(response.body().isEmpty() ? "null" : response.body());
    }
}
