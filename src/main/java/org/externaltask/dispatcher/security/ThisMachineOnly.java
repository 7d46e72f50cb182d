package org.externaltask.dispatcher.security;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
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

    private final Refused refused;

    ThisMachineOnly(Refused refused) {
        this.refused = refused;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        if (Loopback.isAddress(request.getRemoteAddr())
                && OWN_NAME.matcher(request.getServerName()).matches()) {
            chain.doFilter(request, response);
        } else {
            refused.answer(
                    request,
                    response,
                    HttpStatus.FORBIDDEN,
                    "No login is configured, so the dispatcher answers this machine only, under the name localhost: set "
                            + Loopback.WHAT_TO_SET + ".");
        }
    }
}
