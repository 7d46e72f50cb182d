package org.externaltask.dispatcher.security;

import jakarta.servlet.ServletContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.lang.Nullable;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.web.AuthenticationEntryPoint;
import org.springframework.web.context.WebApplicationContext;

/** Sends people to the login page, and tells programs that they have to log in. */
final class LoginNeeded implements AuthenticationEntryPoint {

    private final WebApplicationContext ownServer;

    /** @param ownServer the one with the login page; management on a port of its own has none */
    LoginNeeded(WebApplicationContext ownServer) {
        this.ownServer = ownServer;
    }

    @Override
    public void commence(HttpServletRequest request, HttpServletResponse response, @Nullable AuthenticationException e)
            throws IOException {
        ServletContext server = request.getServletContext();
        if (Browser.opens(request) && server == ownServer.getServletContext()) {
            response.sendRedirect(server.getContextPath() + LoginPage.PATH);
            return;
        }
        // A browser shows a box of its own for Basic, also when a script of the page has asked; it knows no scheme
        // Form.
        response.setHeader(
                HttpHeaders.WWW_AUTHENTICATE,
                Browser.isScript(request) ? "Form realm=\"etd\"" : "Basic realm=\"etd\", charset=\"UTF-8\"");
        Problem.answer(
                response,
                HttpStatus.UNAUTHORIZED,
                request.getHeader(HttpHeaders.AUTHORIZATION) == null
                        ? "Log in: with HTTP Basic, or on the page " + LoginPage.PATH + "."
                        : "User name or password is wrong.");
    }
}
