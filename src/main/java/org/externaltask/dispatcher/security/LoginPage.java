package org.externaltask.dispatcher.security;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import org.externaltask.dispatcher.configuration.EtdProperties;
import org.springframework.core.io.ClassPathResource;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.Authentication;
import org.springframework.security.web.csrf.CsrfToken;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.util.HtmlUtils;

/** The page where people log in, and for the console's page who has. */
@RestController
class LoginPage {

    static final String PATH = "/login";
    static final String WRONG = "wrong";
    static final String LATER = "later";
    static final String ENDED = "ended";

    private static final Map<String, String> MESSAGES = Map.of(
            WRONG, "User name or password is wrong.",
            LATER, "Too many logins have failed. Try again in a minute.",
            ENDED, "You have logged out.");

    private final boolean loginConfigured;
    private final String template;

    LoginPage(EtdProperties etd) throws IOException {
        this.loginConfigured = !etd.console().users().isEmpty();
        this.template = new ClassPathResource("login/login.html").getContentAsString(StandardCharsets.UTF_8);
    }

    @GetMapping(path = PATH, produces = MediaType.TEXT_HTML_VALUE)
    ResponseEntity<String> login(@RequestParam Map<String, String> why, CsrfToken token) {
        if (!loginConfigured) {
            return ResponseEntity.status(HttpStatus.SEE_OTHER)
                    .header("Location", "/")
                    .build();
        }
        String message = why.keySet().stream()
                .filter(MESSAGES::containsKey)
                .map(MESSAGES::get)
                .findFirst()
                .orElse("");
        return ResponseEntity.ok(
                template.replace("{{message}}", message).replace("{{csrf}}", HtmlUtils.htmlEscape(token.getToken())));
    }

    @GetMapping("/session")
    Session session(Authentication user) {
        return new Session(
                user.getName(),
                user.getAuthorities()
                        .iterator()
                        .next()
                        .getAuthority()
                        .replace("ROLE_", "")
                        .toLowerCase(Locale.ROOT),
                loginConfigured);
    }

    /**
     * Who looks at the page.
     *
     * @param login whether there is a login at all, so that it makes sense to log out
     */
    record Session(String user, String role, boolean login) {}
}
