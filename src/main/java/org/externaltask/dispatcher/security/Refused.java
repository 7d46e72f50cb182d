package org.externaltask.dispatcher.security;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.http.HttpStatus;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.authentication.AnonymousAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.web.access.AccessDeniedHandler;
import org.springframework.security.web.csrf.CsrfException;
import org.springframework.stereotype.Component;

/** Says why something is not allowed, and writes down who has tried to change what. */
@Component
class Refused implements AccessDeniedHandler {

    private final AuditLog audit;

    Refused(AuditLog audit) {
        this.audit = audit;
    }

    @Override
    public void handle(HttpServletRequest request, HttpServletResponse response, AccessDeniedException e)
            throws IOException {
        answer(
                request,
                response,
                HttpStatus.FORBIDDEN,
                e instanceof CsrfException
                        ? "The request does not come from a page of this dispatcher, or the page is old: load it again."
                                + " A program sends neither cookies nor an Origin, or the token too (header X-XSRF-TOKEN)."
                        : "Only users with the role operator may do this.");
    }

    void answer(HttpServletRequest request, HttpServletResponse response, HttpStatus status, String detail)
            throws IOException {
        if (!"GET".equals(request.getMethod())) {
            Authentication user = SecurityContextHolder.getContext().getAuthentication();
            audit.write(
                    user == null || user instanceof AnonymousAuthenticationToken ? AuditLog.NOBODY : user.getName(),
                    request.getRemoteAddr(),
                    request.getMethod() + " " + request.getRequestURI(),
                    "refused: " + detail);
        }
        Problem.answer(response, status, detail);
    }
}
