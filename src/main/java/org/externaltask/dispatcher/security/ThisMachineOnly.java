package org.externaltask.dispatcher.security;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletRequestWrapper;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.regex.Pattern;
import org.springframework.http.HttpStatus;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Where no login is configured, lets nobody in but from this machine and under one of its own names: a proxy may bring in somebody from
 * outside, and a page from outside may have a name of its own that leads to 127.0.0.1 (DNS rebinding).
 */
final class ThisMachineOnly extends OncePerRequestFilter {

    private static final Pattern OWN_NAME = Pattern.compile(
            "localhost|[a-z0-9.-]+\\.localhost|127(\\.\\d{1,3}){3}|\\[?::1]?", Pattern.CASE_INSENSITIVE);

    private static final String TAKEN_BY_TOMCAT = "org.apache.tomcat.request.forwarded";
    private static final List<String> FORWARDED =
            List.of("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP");

    private final Refused refused;

    ThisMachineOnly(Refused refused) {
        this.refused = refused;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        if (Loopback.isAddress(request.getRemoteAddr())
                && !isForwarded(request)
                && OWN_NAME.matcher(request.getServerName()).matches()) {
            chain.doFilter(request, response);
        } else {
            refused.answer(
                    request,
                    response,
                    HttpStatus.FORBIDDEN,
                    "No login is configured, so the dispatcher answers this machine only, under the name localhost and"
                            + " without a proxy: set "
                            + Loopback.WHAT_TO_SET + ".");
        }
    }

    /**
     * Whether a proxy has sent it. What it says about where the request came from may be what the client has told it, so nothing of it
     * is believed. With {@code server.forward-headers-strategy} the headers have been taken off or hidden before; Tomcat's own way
     * ({@code native}) marks what comes from this machine also when there were none, so that without a login it lets nobody in.
     */
    private static boolean isForwarded(HttpServletRequest request) {
        ServletRequest asItCame = request;
        while (asItCame instanceof ServletRequestWrapper wrapper) {
            asItCame = wrapper.getRequest();
        }
        return request.getAttribute(TAKEN_BY_TOMCAT) != null
                || (asItCame instanceof HttpServletRequest http
                        && FORWARDED.stream().anyMatch(header -> http.getHeader(header) != null));
    }
}
