package org.externaltask.dispatcher.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.atomic.AtomicLong;
import org.externaltask.dispatcher.http.HttpCallFailed.Reason;
import org.externaltask.dispatcher.sandbox.RawPeer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Peers that do not speak HTTP to the end. */
@Timeout(30)
class HttpFaultTest {

    private static final String CALL = "gateway:default?path=/x&timeout=400ms";

    @Test
    void a_refused_connection() throws Exception {
        int port;
        try (ServerSocket gone = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = gone.getLocalPort();
        }
        HttpCallFailed failure = call("http://127.0.0.1:" + port, CALL);

        assertThat(failure.reason()).isEqualTo(Reason.CONNECTION_REFUSED);
        assertThat(failure.status()).isZero();
        assertThat(failure).hasMessage("POST /x on gateway default could not be reached: connection refused");
    }

    @Test
    void an_unknown_host() {
        HttpCallFailed failure = call("http://no-such-host.invalid", CALL);

        assertThat(failure.reason()).isEqualTo(Reason.UNKNOWN_HOST);
        assertThat(failure).hasMessage("POST /x on gateway default could not be reached: unknown host");
    }

    @Test
    void a_peer_that_does_not_speak_tls() throws Exception {
        try (RawPeer peer = new RawPeer(RawPeer.writes("HTTP/1.1 400 Bad Request\r\n\r\n"))) {
            HttpCallFailed failure = call("https://127.0.0.1:" + peer.port(), CALL);

            assertThat(failure.reason()).isEqualTo(Reason.TLS);
        }
    }

    @Test
    void a_peer_that_accepts_and_stays_silent_is_left_after_the_timeout() throws Exception {
        try (RawPeer peer = new RawPeer(RawPeer.hangsAfter(""))) {
            HttpCallFailed failure = call(peer.url(), CALL);

            assertThat(failure.reason()).isEqualTo(Reason.TIMEOUT);
            assertThat(failure).hasMessage("POST /x on gateway default did not answer within 400 ms");
            assertThat(peer.connections()).isEqualTo(1);
        }
    }

    @Test
    void a_body_that_drips_is_left_after_the_timeout() throws Exception {
        try (RawPeer peer = new RawPeer(RawPeer.dripsAfter(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n", ' '))) {
            assertThat(call(peer.url(), CALL).reason()).isEqualTo(Reason.TIMEOUT);
        }
    }

    @Test
    void a_body_without_end_is_cut_at_the_limit() throws Exception {
        try (RawPeer peer = new RawPeer(out -> {
                    out.write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n".getBytes(US_ASCII));
                    while (true) {
                        out.write(new byte[8192]);
                    }
                });
                HttpPeerFixture etd = new HttpPeerFixture(peer.url())) {
            assertThat(etd.failure("gateway:default?path=/x", null, UnusableAnswer.class))
                    .hasMessageContaining("answered 200 with more than 100000 bytes");
        }
    }

    @Test
    void a_body_that_announces_more_than_the_limit_is_not_read() throws Exception {
        AtomicLong sent = new AtomicLong();
        try (RawPeer peer = new RawPeer(out -> {
                    out.write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n"
                            .getBytes(US_ASCII));
                    while (true) {
                        out.write(new byte[8192]);
                        sent.addAndGet(8192);
                    }
                });
                HttpPeerFixture etd = new HttpPeerFixture(peer.url())) {
            assertThat(etd.failure("gateway:default?path=/x", null, UnusableAnswer.class))
                    .hasMessageContaining("answered 200 with more than 100000 bytes");
            assertThat(sent).hasValueLessThan(50_000_000);
        }
    }

    @Test
    void a_failure_without_end_is_still_that_failure() throws Exception {
        try (RawPeer peer = new RawPeer(out -> {
            out.write("HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n".getBytes(US_ASCII));
            while (true) {
                out.write(new byte[8192]);
            }
        })) {
            assertThat(call(peer.url(), "gateway:default?path=/x").status()).isEqualTo(404);
        }
    }

    @Test
    void a_connection_that_is_reset() throws Exception {
        try (RawPeer peer = new RawPeer(out -> {})) {
            HttpCallFailed failure = call(peer.url(), CALL);

            assertThat(failure.reason()).isEqualTo(Reason.RESET);
            assertThat(failure).hasMessage("POST /x on gateway default was broken off before the answer was complete");
            assertThat(peer.connections()).isEqualTo(1);
        }
    }

    @Test
    void a_truncated_answer_is_no_answer() throws Exception {
        try (RawPeer peer = new RawPeer(RawPeer.writes(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{\"a\":1}"))) {
            HttpCallFailed failure = call(peer.url(), CALL);

            assertThat(failure.reason()).isEqualTo(Reason.RESET);
            assertThat(failure.status()).isZero();
        }
    }

    @Test
    void a_truncated_failure_is_still_that_failure() throws Exception {
        try (RawPeer peer = new RawPeer(RawPeer.writes(
                "HTTP/1.1 409 Conflict\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{\"a\":"))) {
            HttpCallFailed failure = call(peer.url(), CALL);

            assertThat(failure.status()).isEqualTo(409);
            assertThat(failure.json()).isEmpty();
        }
    }

    @Test
    void an_answer_that_is_not_http() throws Exception {
        try (RawPeer peer = new RawPeer(RawPeer.writes("220 smtp.example.org ESMTP\r\n"))) {
            HttpCallFailed failure = call(peer.url(), CALL);

            assertThat(failure.reason()).isIn(Reason.OTHER, Reason.RESET);
            assertThat(failure).hasMessageNotContaining("smtp");
        }
    }

    @Test
    void an_idempotent_call_gets_a_second_connection_and_no_third() throws Exception {
        try (RawPeer peer = new RawPeer(out -> {})) {
            assertThat(call(peer.url(), CALL + "&idempotent=true").reason()).isEqualTo(Reason.RESET);
            assertThat(peer.connections()).isEqualTo(2);
        }
        try (RawPeer peer = new RawPeer(RawPeer.hangsAfter(""))) {
            assertThat(call(peer.url(), CALL + "&idempotent=true").reason()).isEqualTo(Reason.TIMEOUT);
            assertThat(peer.connections()).isEqualTo(2);
        }
    }

    @Test
    void a_get_is_not_repeated_behind_our_back() throws Exception {
        try (RawPeer peer = new RawPeer(out -> {})) {
            call(peer.url(), CALL + "&method=GET");
            assertThat(peer.connections()).isEqualTo(1);
        }
    }

    private static HttpCallFailed call(String baseUrl, String uri) {
        try (HttpPeerFixture etd = new HttpPeerFixture(baseUrl)) {
            return etd.failure(uri, null, HttpCallFailed.class);
        }
    }
}
