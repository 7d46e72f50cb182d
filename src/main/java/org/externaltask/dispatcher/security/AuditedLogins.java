package org.externaltask.dispatcher.security;

import org.springframework.context.event.EventListener;
import org.springframework.security.authentication.event.AbstractAuthenticationFailureEvent;
import org.springframework.security.authentication.event.AuthenticationSuccessEvent;
import org.springframework.security.authentication.event.InteractiveAuthenticationSuccessEvent;
import org.springframework.security.authentication.event.LogoutSuccessEvent;
import org.springframework.security.core.Authentication;
import org.springframework.security.web.authentication.WebAuthenticationDetails;
import org.springframework.stereotype.Component;

/** Writes down logins of people and those that fail, and counts the latter. A program logs in with each request: that is no news. */
@Component
class AuditedLogins {

    private final AuditLog audit;
    private final LoginAttempts attempts;

    AuditedLogins(AuditLog audit, LoginAttempts attempts) {
        this.audit = audit;
        this.attempts = attempts;
    }

    @EventListener
    void succeeded(AuthenticationSuccessEvent event) {
        attempts.succeeded(
                from(event.getAuthentication()), event.getAuthentication().getName());
    }

    @EventListener
    void loggedIn(InteractiveAuthenticationSuccessEvent event) {
        write(event.getAuthentication(), "login", "done");
    }

    @EventListener
    void loggedOut(LogoutSuccessEvent event) {
        write(event.getAuthentication(), "logout", "done");
    }

    @EventListener
    void failed(AbstractAuthenticationFailureEvent event) {
        Authentication tried = event.getAuthentication();
        attempts.failed(from(tried), tried.getName());
        write(tried, "login", "refused: user name or password is wrong");
    }

    private void write(Authentication user, String what, String outcome) {
        audit.write(user.getName(), from(user), what, outcome);
    }

    private static String from(Authentication user) {
        return user.getDetails() instanceof WebAuthenticationDetails details ? details.getRemoteAddress() : "unknown";
    }
}
