package org.externaltask.dispatcher.http;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The header that tells a gateway the tenant of a task. Its name is the route's, its value the engine's: a value that a header
 * cannot carry unchanged fails the task, because a call without its tenant might reach the data of another one.
 *
 * @param name the name of the header
 */
record TenantHeader(String name) {

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9-]{1,64}");
    private static final Pattern VALUE = Pattern.compile("[\\x21-\\x7e]([\\x20-\\x7e]{0,62}[\\x21-\\x7e])?");

    /** What ETD, the client or the connection sets; a tenant there would break the call or pass for a credential. */
    private static final Set<String> TAKEN = Set.of(
            "accept",
            "authorization",
            "connection",
            "content-encoding",
            "content-length",
            "content-type",
            "cookie",
            "expect",
            "host",
            "idempotency-key",
            "keep-alive",
            "proxy-authorization",
            "proxy-connection",
            "te",
            "traceparent",
            "tracestate",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "user-agent");

    static TenantHeader named(String name) {
        if (!NAME.matcher(name).matches() || TAKEN.contains(name.toLowerCase(Locale.ROOT))) {
            throw new IllegalArgumentException(
                    "option tenantHeader=%s: must be a header of the gateway's own, of letters, digits and hyphens, for example X-Tenant-Id"
                            .formatted(name));
        }
        return new TenantHeader(name);
    }

    /** The value for a tenant; empty for a task that belongs to none. */
    static Optional<String> valueOf(String tenant) {
        if (tenant == null || tenant.isEmpty()) {
            return Optional.empty();
        }
        if (!VALUE.matcher(tenant).matches()) {
            throw new IllegalArgumentException(
                    "the id of the task's tenant does not fit into a header; expected at most 64 printable ASCII characters without"
                            + " spaces around them; rename the tenant, or send no tenantHeader");
        }
        return Optional.of(tenant);
    }
}
