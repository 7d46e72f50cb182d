package org.externaltask.dispatcher.configuration;

import jakarta.validation.Valid;
import jakarta.validation.constraints.AssertTrue;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Everything that can be set under {@code etd.}; a key that is not here stops start-up.
 *
 * @param routes folder of the topic files: {@code classpath:routes} (the bundled examples) or {@code file:/some/dir}
 * @param reload watches the topic folder and takes up changes without a restart
 * @param engines engines with the Camunda 7 REST API, by the name that topic files call them
 * @param gateways API gateways, by the name that topic files call them
 * @param broker what is ours about the message broker; its connection is {@code spring.rabbitmq.*}
 * @param console who may look at the dispatcher and steer it
 * @param egress where the dispatcher may send anything to
 */
@Validated
@ConfigurationProperties(prefix = "etd", ignoreUnknownFields = false)
public record EtdProperties(
        @DefaultValue("classpath:routes") String routes,
        @Valid @DefaultValue Reload reload,

        @NotEmpty(
                message = "no engine is configured: set etd.engines.default.base-url, for example"
                        + " ETD_ENGINES_DEFAULT_BASEURL=http://localhost:8080/engine-rest")
        @DefaultValue
        Map<String, @Valid Engine> engines,

        @DefaultValue Map<String, @Valid Gateway> gateways,
        @Valid @DefaultValue Broker broker,
        @Valid @DefaultValue Console console,
        @Valid @DefaultValue Egress egress) {

    /**
     * Hot reload of the topic folder, for development.
     *
     * @param enabled whether the folder in {@code etd.routes} is watched; needs a {@code file:} folder
     * @param interval how often the folder is looked at
     */
    public record Reload(
            @DefaultValue("false") boolean enabled,

            @DurationMin(millis = 1, message = "must be longer than 0s") @DefaultValue("300ms")
            Duration interval) {}

    /**
     * An engine with the Camunda 7 REST API (Camunda 7.24, Operaton, CIB seven).
     *
     * @param baseUrl where its REST API is, for example {@code http://localhost:8080/engine-rest}
     * @param workerId who the locks belong to; by default unique per process (host name and a random part), because two
     *     processes that share one can finish each other's tasks
     * @param maxTasks the most tasks that one fetch asks for
     * @param asyncResponseTimeout how long the engine may hold a fetch open until there is work (long poll); never longer than a
     *     third of the shortest lock asked for, nor than half of {@code spring.lifecycle.timeout-per-shutdown-phase}
     * @param usePriority whether tasks with a higher priority come first
     * @param orderByCreateTime whether the oldest tasks ({@code asc}) or the newest ones ({@code desc}) come first, among those of one
     *     priority if {@code usePriority} holds; by default the engine promises no order
     * @param jsonFormat how objects and arrays are written as process variables: {@code JSON} and {@code OBJECT} need the Spin
     *     plug-in in the engine, {@code STRING} needs none
     * @param connectTimeout how long a connection may take
     * @param responseTimeout how long an answer may take (a fetch: on top of {@code asyncResponseTimeout})
     * @param maxResponseBytes the largest answer that is read: the variables of all the tasks that one fetch brings
     * @param authentication how ETD proves who it is
     * @param sslBundle the bundle of {@code spring.ssl.bundle} with the certificates that are trusted, and the one that is
     *     shown (mutual TLS); by default Java's own trusted certificates, and none is shown
     */
    public record Engine(
            @NotNull(
                    message = "is missing: set it to where the engine's REST API is, for example"
                            + " http://localhost:8080/engine-rest")
            URI baseUrl,

            String workerId,
            @Min(1) @Max(10_000) @DefaultValue("100") int maxTasks,
            @DefaultValue("20s") Duration asyncResponseTimeout,
            @DefaultValue("true") boolean usePriority,
            SortOrder orderByCreateTime,
            @DefaultValue("JSON") JsonFormat jsonFormat,

            @DurationMin(millis = 1, message = "must be longer than 0s") @DefaultValue("3s")
            Duration connectTimeout,

            @DurationMin(millis = 1, message = "must be longer than 0s") @DefaultValue("10s")
            Duration responseTimeout,

            @Min(1) @DefaultValue("20971520") int maxResponseBytes,
            @Valid @DefaultValue Authentication authentication,
            String sslBundle) {

        @AssertTrue(message = "base-url must be an http or https address without user, query or fragment")
        boolean isBaseUrlUsable() {
            return usable(baseUrl);
        }

        @AssertTrue(
                message =
                        "async-response-timeout must be between 0s and 30m, which is the most that the engine accepts")
        boolean isAsyncResponseTimeoutAccepted() {
            return !asyncResponseTimeout.isNegative() && asyncResponseTimeout.compareTo(Duration.ofMinutes(30)) <= 0;
        }
    }

    /** In which order the engine looks for tasks; the constants are named as its REST API names them. */
    public enum SortOrder {
        ASC,
        DESC
    }

    /** How objects and arrays are written as process variables. */
    public enum JsonFormat {
        /** Variable type {@code Json}; the engine needs the Spin plug-in. */
        JSON,
        /** Variable type {@code Object} with serialization format {@code application/json}; the engine needs the Spin plug-in. */
        OBJECT,
        /** Variable type {@code String} that holds the JSON text. */
        STRING
    }

    /**
     * An API gateway.
     *
     * @param baseUrl the fixed part of every address behind it, for example {@code https://api.example.com/v1}
     * @param connectTimeout how long a connection may take
     * @param responseTimeout how long an answer may take, unless the topic's call says otherwise
     * @param maxResponseBytes the largest answer that is read; a larger one is an incident
     * @param authentication how ETD proves who it is
     * @param sslBundle the bundle of {@code spring.ssl.bundle} with the certificates that are trusted, and the one that is
     *     shown (mutual TLS); by default Java's own trusted certificates, and none is shown
     * @param circuit when it counts as away, so that the topics that call it leave the fetch
     */
    public record Gateway(
            @NotNull(message = "is missing: set it to the address of the gateway, for example https://api.example.com")
            URI baseUrl,

            @DurationMin(millis = 1, message = "must be longer than 0s") @DefaultValue("3s")
            Duration connectTimeout,

            @DurationMin(millis = 1, message = "must be longer than 0s") @DefaultValue("10s")
            Duration responseTimeout,

            @Min(1) @DefaultValue("10485760") int maxResponseBytes,
            @Valid @DefaultValue Authentication authentication,
            String sslBundle,
            @Valid @DefaultValue Circuit circuit) {

        @AssertTrue(message = "base-url must be an http or https address without user, query or fragment")
        boolean isBaseUrlUsable() {
            return usable(baseUrl);
        }
    }

    /**
     * How ETD proves who it is: in one of these ways, or not at all.
     *
     * @param username user name (HTTP Basic)
     * @param password password (HTTP Basic)
     * @param bearerToken a fixed token
     * @param apiKey a fixed value in a header of its own
     * @param oauth2 a token that ETD gets from a token endpoint
     */
    public record Authentication(
            String username,
            String password,
            String bearerToken,
            @Valid ApiKey apiKey,
            @Valid OAuth2 oauth2) {

        @AssertTrue(
                message =
                        "authentication is either username and password, or bearer-token, or api-key, or oauth2, or nothing")
        boolean isOneKind() {
            boolean basicIsWhole = (username == null) == (password == null);
            long kinds = Stream.of(username, bearerToken, apiKey, oauth2)
                    .filter(Objects::nonNull)
                    .count();
            return basicIsWhole && kinds <= 1;
        }

        /** Leaves the secrets out, because records are printed in error messages. */
        @Override
        public String toString() {
            return bearerToken != null
                    ? "bearer token"
                    : username != null
                            ? "user " + username
                            : apiKey != null ? apiKey.toString() : oauth2 != null ? oauth2.toString() : "none";
        }
    }

    /**
     * A fixed value in a header of its own.
     *
     * @param header the name of the header, for example {@code X-API-Key}
     * @param value what is sent in it
     */
    public record ApiKey(
            @NotNull(message = "is missing: name the header that the key is sent in, for example X-API-Key")
            @Pattern(
                    regexp = "[A-Za-z0-9!#$%&'*+.^_`|~-]+",
                    message = "must be the name of an HTTP header, for example X-API-Key")
            String header,

            @NotBlank(message = "is missing: set it to the key, from the environment or a mounted file")
            String value) {

        @Override
        public String toString() {
            return "API key in " + header;
        }
    }

    /**
     * A token of OAuth2's client credentials grant: fetched when it is needed, kept until shortly before it expires, and fetched
     * once more when the peer refuses it.
     *
     * @param tokenUri the token endpoint, for example {@code https://login.example.com/oauth2/token}
     * @param clientId who ETD is to the token endpoint
     * @param clientSecret how it proves that
     * @param scope what is asked for, several parted by spaces; by default what the token endpoint gives
     * @param clientAuthenticationMethod how id and secret are sent to the token endpoint
     * @param sslBundle as that of the peer, for the token endpoint; that of the peer is not used there
     */
    public record OAuth2(
            @NotNull(
                    message =
                            "is missing: set it to the token endpoint, for example https://login.example.com/oauth2/token")
            URI tokenUri,

            @NotBlank(message = "is missing: set it to the client id that the token endpoint knows")
            String clientId,

            @NotBlank(message = "is missing: set it to the client secret, from the environment or a mounted file")
            String clientSecret,

            String scope,
            @DefaultValue("CLIENT_SECRET_BASIC") ClientAuthenticationMethod clientAuthenticationMethod,
            String sslBundle) {

        @AssertTrue(message = "token-uri must be an http or https address without user, query or fragment")
        boolean isTokenUriUsable() {
            return usable(tokenUri);
        }

        @Override
        public String toString() {
            return "OAuth2 client " + clientId;
        }
    }

    /** How client id and secret are sent to a token endpoint; the names are OAuth2's. */
    public enum ClientAuthenticationMethod {
        /** In the header {@code Authorization}. */
        CLIENT_SECRET_BASIC,
        /** In the form. */
        CLIENT_SECRET_POST
    }

    /**
     * What is ours about the message broker.
     *
     * @param confirmTimeout how long the broker may take to confirm a message before the publication counts as failed
     * @param declare whether the exchanges, queues and bindings of receive routes, and the parking queue, are declared
     *     when the broker does not have them; what exists is never changed
     * @param queueType what kind of queue is declared
     * @param parkingQueue where messages go that no route can work on
     * @param messageTtl how long a message that nobody waits for, or that fails for a reason that may pass, is tried again
     *     before it is parked; counted from when it was first received
     * @param retryQueue what the names of the queues begin with in which such messages wait for their next try
     * @param retryDelays how long they wait before the first, the second, … further delivery, the last one for all that follow;
     *     each is a queue. Empty for a broker that is not RabbitMQ: messages are then tried for ten seconds and parked
     * @param maxMessageBytes the largest message that a route gets; a larger one is parked
     * @param printDefinitions prints what the loaded routes need of the broker, as a definitions file of RabbitMQ, and ends
     * @param circuit when it counts as away, so that the topics that publish leave the fetch
     */
    public record Broker(
            @DurationMin(millis = 1, message = "must be longer than 0s") @DefaultValue("5s")
            Duration confirmTimeout,

            @DefaultValue("true") boolean declare,
            @DefaultValue("QUORUM") QueueType queueType,

            @NotBlank(
                    message = "is empty: name the queue for messages that no route can work on, for example etd.parked")
            @DefaultValue("etd.parked")
            String parkingQueue,

            @DurationMin(millis = 1, message = "must be longer than 0s") @DefaultValue("10m")
            Duration messageTtl,

            @NotBlank(message = "is empty: say what the names of the retry queues begin with, for example etd.retry")
            @DefaultValue("etd.retry")
            String retryQueue,

            @DefaultValue({"2s", "10s", "30s"})
            List<@DurationMin(millis = 1, message = "must be longer than 0s") Duration> retryDelays,

            @Min(1) @DefaultValue("10485760") int maxMessageBytes,
            @DefaultValue("false") boolean printDefinitions,
            @Valid @DefaultValue Circuit circuit) {}

    /**
     * When something counts as away because its calls keep failing: no connection, no answer in time, 408, 425, 429 or 5xx of a
     * gateway; no connection or no confirm of the broker. The words and their meaning are resilience4j's.
     *
     * @param enabled whether there is a circuit at all; without one, tasks are fetched and fail while their gateway is away
     * @param failureRateThreshold opens when this share of the latest calls has failed, in percent; half of them, so that one
     *     failing service behind a gateway does not take the topics of the others out
     * @param slidingWindowSize how many calls count as the latest
     * @param minimumNumberOfCalls opens not before so many calls, so that a few failures of a topic with little to do are
     *     its tasks' own affair
     * @param waitDurationInOpenState how long nothing is called; twice as long each time that it has not helped
     * @param maxWaitDurationInOpenState how long nothing is called at most, which is also how late recovery may be noticed
     * @param permittedNumberOfCallsInHalfOpenState how many calls then find out whether it is back
     */
    public record Circuit(
            @DefaultValue("true") boolean enabled,

            @Min(1) @Max(100) @DefaultValue("50") int failureRateThreshold,
            @Min(1) @DefaultValue("20") int slidingWindowSize,
            @Min(1) @DefaultValue("10") int minimumNumberOfCalls,

            @DurationMin(millis = 1, message = "must be longer than 0s") @DefaultValue("10s")
            Duration waitDurationInOpenState,

            @DefaultValue("60s") Duration maxWaitDurationInOpenState,
            @Min(1) @DefaultValue("3") int permittedNumberOfCallsInHalfOpenState) {

        @AssertTrue(message = "max-wait-duration-in-open-state must not be shorter than wait-duration-in-open-state")
        boolean isLongestWaitLongEnough() {
            return maxWaitDurationInOpenState.compareTo(waitDurationInOpenState) >= 0;
        }

        @AssertTrue(message = "minimum-number-of-calls must not be larger than sliding-window-size")
        boolean isWindowLargeEnough() {
            return minimumNumberOfCalls <= slidingWindowSize;
        }
    }

    /** What kind of queue is declared. */
    public enum QueueType {
        /** Replicated over the nodes of a RabbitMQ cluster. */
        QUORUM,
        /** On one node. */
        CLASSIC
    }

    /**
     * Where engines, gateways and token endpoints may be; looked at when ETD starts, and for each connection after the name has
     * become an address.
     *
     * @param allowedHosts host names ({@code api.example.com}, {@code *.example.com}), addresses and networks ({@code 10.0.0.0/8});
     *     empty for wherever the configured addresses lead. Link-local addresses, where clouds hand out their credentials, are
     *     refused unless an address or network here has them
     */
    public record Egress(
            @DefaultValue
            List<
                            @Pattern(
                                    regexp =
                                            "(\\*\\.)?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|[0-9.]+/\\d{1,2}|[0-9A-Fa-f:]+(/\\d{1,3})?",
                                    message =
                                            "must be a host name, *. and a domain, an address or a network, for example"
                                                    + " api.example.com, *.example.com or 10.0.0.0/8")
                            String>
                    allowedHosts) {}

    /**
     * Who may look at the dispatcher and steer it: its page, and everything under {@code /actuator}.
     *
     * @param users who may log in, by name; without any, nobody has to, and the server listens on this machine only
     * @param metricsWithoutLogin whether {@code /actuator/prometheus} can be read by everybody who reaches the server
     */
    public record Console(
            @DefaultValue Map<String, @Valid User> users,
            @DefaultValue("false") boolean metricsWithoutLogin) {}

    /**
     * Somebody, or some program, that may log in.
     *
     * @param password as it is, or {@code {bcrypt}} and its hash; {@code {noop}} may stand before one as it is
     * @param role what it may do
     */
    public record User(
            @NotBlank(
                    message =
                            "is missing: set it from the environment or a mounted file, best as {bcrypt} and its hash")
            String password,

            @DefaultValue("VIEWER") UserRole role) {

        private static final String BCRYPT = "{bcrypt}";
        private static final String PLAIN = "{noop}";
        private static final int SHORTEST = 8;
        private static final int LONGEST_BYTES = 72;

        @AssertTrue(
                message = "password must have 8 characters at least and 72 bytes at most, or be {bcrypt} and its hash")
        boolean isPasswordUsable() {
            if (password == null || password.isBlank()) {
                return true; // said already
            }
            return isHashed()
                    ? secret().matches("\\$2[aby]\\$\\d\\d\\$[./A-Za-z0-9]{53}")
                    : !secret().startsWith("{")
                            && secret().length() >= SHORTEST
                            && secret().getBytes(StandardCharsets.UTF_8).length <= LONGEST_BYTES;
        }

        /** Whether {@link #secret} is the hash of the password, by bcrypt. */
        public boolean isHashed() {
            return password.startsWith(BCRYPT);
        }

        /** The password, or its hash, without what says which it is. */
        public String secret() {
            return password.startsWith(PLAIN)
                    ? password.substring(PLAIN.length())
                    : isHashed() ? password.substring(BCRYPT.length()) : password;
        }

        /** Leaves the password out, because records are printed in error messages. */
        @Override
        public String toString() {
            return role.name().toLowerCase(Locale.ROOT);
        }
    }

    /** What a user may do. */
    public enum UserRole {
        /** Look at everything. */
        VIEWER,
        /** Also pause, resume, replay, redrive, discard and unlock. */
        OPERATOR
    }

    private static boolean usable(URI baseUrl) {
        return baseUrl == null
                || (("http".equals(baseUrl.getScheme()) || "https".equals(baseUrl.getScheme()))
                        && baseUrl.getHost() != null
                        && baseUrl.getUserInfo() == null
                        && baseUrl.getQuery() == null
                        && baseUrl.getFragment() == null);
    }
}
