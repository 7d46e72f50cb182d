package org.externaltask.dispatcher.security;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.externaltask.dispatcher.configuration.EtdProperties.UserRole;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.web.authentication.WebAuthenticationDetails;
import org.springframework.security.web.authentication.preauth.PreAuthenticatedAuthenticationToken;
import org.springframework.web.filter.OncePerRequestFilter;

/** Where no login is configured, whoever gets here from this machine is the operator {@code local}. */
final class LocalOperator extends OncePerRequestFilter {

    static final String NAME = "local";

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        PreAuthenticatedAuthenticationToken operator = new PreAuthenticatedAuthenticationToken(
                NAME, null, AuthorityUtils.createAuthorityList("ROLE_" + UserRole.OPERATOR));
        operator.setDetails(new WebAuthenticationDetails(request));
        SecurityContext context = SecurityContextHolder.createEmptyContext();
        context.setAuthentication(operator);
        SecurityContextHolder.setContext(context); // Spring Security's outermost filter clears it
        chain.doFilter(request, response);
    }
}
