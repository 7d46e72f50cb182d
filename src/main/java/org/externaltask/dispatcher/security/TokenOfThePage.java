package org.externaltask.dispatcher.security;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.function.Supplier;
import org.springframework.security.web.csrf.CsrfToken;
import org.springframework.security.web.csrf.CsrfTokenRequestAttributeHandler;
import org.springframework.security.web.csrf.CsrfTokenRequestHandler;
import org.springframework.security.web.csrf.XorCsrfTokenRequestAttributeHandler;
import org.springframework.util.StringUtils;

/**
 * Takes the token against forged requests as a header, as it is in the cookie, or from a form, disguised anew each time. As Spring
 * Security's manual has it for single-page applications; programs that log in with each request get no cookie.
 */
final class TokenOfThePage implements CsrfTokenRequestHandler {

    private final CsrfTokenRequestHandler plain = new CsrfTokenRequestAttributeHandler();
    private final CsrfTokenRequestHandler disguised = new XorCsrfTokenRequestAttributeHandler();

    @Override
    public void handle(HttpServletRequest request, HttpServletResponse response, Supplier<CsrfToken> token) {
        disguised.handle(request, response, token);
        if (Browser.isScript(request) || Browser.opens(request)) {
            var unused = token.get(); // sets the cookie
        }
    }

    @Override
    public String resolveCsrfTokenValue(HttpServletRequest request, CsrfToken token) {
        if (Browser.comesFromElsewhere(request)) {
            return null;
        }
        boolean inHeader = StringUtils.hasText(request.getHeader(token.getHeaderName()));
        return (inHeader ? plain : disguised).resolveCsrfTokenValue(request, token);
    }
}
