package org.externaltask.dispatcher.security;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Set;
import org.springframework.http.HttpHeaders;

/** What tells a browser from a program, and a person who opens a page from a script of a page. */
final class Browser {

    private static final Set<String> ONLY_LOOK = Set.of("GET", "HEAD", "OPTIONS", "TRACE");

    private Browser() {}

    /**
     * Whether another site may have made the browser send this, with what the browser remembers of ours. Each browser sends an
     * {@code Origin} or a {@code Sec-Fetch-Site} with what changes something, and no session is without a cookie; a program that
     * states its password by itself has none of these, and needs no token.
     */
    static boolean mayBeMisled(HttpServletRequest request) {
        return !ONLY_LOOK.contains(request.getMethod())
                && (request.getHeader(HttpHeaders.ORIGIN) != null
                        || request.getHeader("Sec-Fetch-Site") != null
                        || request.getHeader(HttpHeaders.COOKIE) != null);
    }

    /**
     * Whether the browser says that a page of another origin has sent it. One of another port or a sister host of ours can plant
     * cookies, and with them a token of its own choice.
     */
    static boolean comesFromElsewhere(HttpServletRequest request) {
        String site = request.getHeader("Sec-Fetch-Site");
        return site != null && !site.equals("same-origin") && !site.equals("none");
    }

    /** Whether a person has opened this address, and can be shown a page. */
    static boolean opens(HttpServletRequest request) {
        String accept = request.getHeader(HttpHeaders.ACCEPT);
        return "GET".equals(request.getMethod())
                && accept != null
                && accept.contains("text/html")
                && request.getHeader(HttpHeaders.AUTHORIZATION) == null
                && !isScript(request);
    }

    /** Whether a script of a page has sent it; the browser must not ask for a password by itself then. */
    static boolean isScript(HttpServletRequest request) {
        String mode = request.getHeader("Sec-Fetch-Mode");
        return request.getHeader("X-Requested-With") != null || (mode != null && !mode.equals("navigate"));
    }
}
