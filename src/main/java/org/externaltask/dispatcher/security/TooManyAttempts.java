package org.externaltask.dispatcher.security;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.core.Authentication;
import org.springframework.security.web.authentication.www.BasicAuthenticationConverter;
import org.springframework.web.filter.OncePerRequestFilter;

/** Turns away whoever tries passwords, right or wrong, before one is compared. Sessions go on. */
final class TooManyAttempts extends OncePerRequestFilter {

    private static final String DETAIL = "Too many logins have failed; try again in a minute.";

    private final LoginAttempts attempts;
    private final Refused refused;
    private final BasicAuthenticationConverter basic = new BasicAuthenticationConverter();

    TooManyAttempts(LoginAttempts attempts, Refused refused) {
        this.attempts = attempts;
        this.refused = refused;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String user = user(request);
        if (user == null || !attempts.areTooMany(request.getRemoteAddr(), user)) {
            chain.doFilter(request, response);
        } else if (request.getHeader(HttpHeaders.AUTHORIZATION) == null) {
            response.sendRedirect(request.getContextPath() + LoginPage.PATH + "?" + LoginPage.LATER);
        } else {
            response.setHeader(HttpHeaders.RETRY_AFTER, String.valueOf(LoginAttempts.PAUSE.toSeconds()));
            refused.answer(request, response, HttpStatus.TOO_MANY_REQUESTS, DETAIL);
        }
    }

    /** Whom the request says that it comes from; null when it says nothing. */
    private String user(HttpServletRequest request) {
        if (request.getHeader(HttpHeaders.AUTHORIZATION) != null) {
            try {
                Authentication stated = basic.convert(request);
                return stated == null ? null : stated.getName();
            } catch (BadCredentialsException e) {
                return null; // cannot be read, and is refused for it
            }
        }
        return "POST".equals(request.getMethod()) && LoginPage.PATH.equals(request.getServletPath())
                ? String.valueOf(request.getParameter("username"))
                : null;
    }
}
