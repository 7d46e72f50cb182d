package org.externaltask.dispatcher.security;

import static org.externaltask.dispatcher.configuration.EtdProperties.UserRole.OPERATOR;
import static org.externaltask.dispatcher.configuration.EtdProperties.UserRole.VIEWER;

import jakarta.servlet.DispatcherType;
import java.util.List;
import org.externaltask.dispatcher.configuration.EtdProperties;
import org.externaltask.dispatcher.configuration.EtdProperties.Console;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.actuate.autoconfigure.security.servlet.EndpointRequest;
import org.springframework.boot.actuate.endpoint.web.WebServerNamespace;
import org.springframework.boot.actuate.health.HealthEndpoint;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpMethod;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AuthorizeHttpRequestsConfigurer;
import org.springframework.security.config.annotation.web.configurers.HeadersConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetails;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.authentication.UsernamePasswordAuthenticationFilter;
import org.springframework.security.web.csrf.CookieCsrfTokenRepository;
import org.springframework.security.web.header.HeaderWriterFilter;
import org.springframework.security.web.header.writers.CrossOriginOpenerPolicyHeaderWriter.CrossOriginOpenerPolicy;
import org.springframework.security.web.header.writers.CrossOriginResourcePolicyHeaderWriter.CrossOriginResourcePolicy;
import org.springframework.security.web.header.writers.ReferrerPolicyHeaderWriter.ReferrerPolicy;
import org.springframework.security.web.savedrequest.NullRequestCache;
import org.springframework.security.web.servlet.util.matcher.PathPatternRequestMatcher;
import org.springframework.security.web.util.matcher.RequestMatcher;
import org.springframework.web.context.WebApplicationContext;

/**
 * Guards the page and everything under {@code /actuator}, on whichever port: who looks is a viewer, who changes something is an
 * operator. People log in with a form, programs with HTTP Basic. Without a configured login nobody has to, but then nobody else than
 * this machine gets here, see {@link ThisMachineOnly}.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnWebApplication(type = Type.SERVLET)
class SecurityConfiguration {

    private static final Logger LOG = LoggerFactory.getLogger(SecurityConfiguration.class);

    /** No script, style or image of another host and none inside a page; no page of ETD inside another one. */
    private static final String CONTENT = String.join(
            "; ",
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "manifest-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'");

    @Bean
    SecurityFilterChain guard(
            HttpSecurity http,
            EtdProperties etd,
            LoginAttempts attempts,
            WebApplicationContext ownServer,
            Refused refused)
            throws Exception {
        LoginNeeded loginNeeded = new LoginNeeded(ownServer);
        http.headers(SecurityConfiguration::headers)
                .csrf(csrf -> csrf.requireCsrfProtectionMatcher(Browser::mayBeMisled)
                        .csrfTokenRepository(tokens())
                        .csrfTokenRequestHandler(new TokenOfThePage()))
                .requestCache(cache -> cache.requestCache(new NullRequestCache())) // or strangers could open sessions
                .authorizeHttpRequests(requests -> rules(requests, etd.console()))
                .exceptionHandling(
                        errors -> errors.authenticationEntryPoint(loginNeeded).accessDeniedHandler(refused));
        if (etd.console().users().isEmpty()) {
            LOG.info(
                    "No login is configured, so only this machine is answered; for others set {}",
                    Loopback.WHAT_TO_SET);
            http.sessionManagement(sessions -> sessions.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
                    .logout(logout -> logout.disable())
                    .addFilterAfter(new ThisMachineOnly(refused), HeaderWriterFilter.class)
                    .addFilterBefore(new LocalOperator(), UsernamePasswordAuthenticationFilter.class);
        } else {
            http.formLogin(form -> form.loginPage(LoginPage.PATH)
                            .defaultSuccessUrl("/", true)
                            .failureUrl(LoginPage.PATH + "?" + LoginPage.WRONG))
                    .httpBasic(basic -> basic.authenticationEntryPoint(loginNeeded))
                    .logout(logout -> logout.logoutSuccessUrl(LoginPage.PATH + "?" + LoginPage.ENDED))
                    .addFilterBefore(
                            new TooManyAttempts(attempts, refused), UsernamePasswordAuthenticationFilter.class);
        }
        return http.build();
    }

    private static void rules(
            AuthorizeHttpRequestsConfigurer<HttpSecurity>.AuthorizationManagerRequestMatcherRegistry requests,
            Console console) {
        requests.dispatcherTypeMatchers(DispatcherType.ERROR)
                .permitAll()
                .requestMatchers(path("/login"), path("/login.css"), path("/favicon.ico"), path("/favicon.svg"))
                .permitAll()
                // Probes cannot log in. They see a status; details are for those who have.
                .requestMatchers(EndpointRequest.to(HealthEndpoint.class))
                .permitAll()
                .requestMatchers(EndpointRequest.toAdditionalPaths(WebServerNamespace.SERVER, HealthEndpoint.class))
                .permitAll();
        if (console.metricsWithoutLogin()) {
            requests.requestMatchers(EndpointRequest.to("prometheus")).permitAll();
        }
        requests.requestMatchers(HttpMethod.GET)
                .hasAnyRole(VIEWER.name(), OPERATOR.name())
                .requestMatchers(HttpMethod.HEAD)
                .hasAnyRole(VIEWER.name(), OPERATOR.name())
                .requestMatchers(path("/logout"))
                .hasAnyRole(VIEWER.name(), OPERATOR.name())
                .anyRequest()
                .hasRole(OPERATOR.name());
    }

    private static RequestMatcher path(String path) {
        return PathPatternRequestMatcher.withDefaults().matcher(path);
    }

    private static void headers(HeadersConfigurer<HttpSecurity> headers) {
        headers.contentSecurityPolicy(policy -> policy.policyDirectives(CONTENT))
                .referrerPolicy(policy -> policy.policy(ReferrerPolicy.SAME_ORIGIN))
                .permissionsPolicyHeader(
                        policy -> policy.policy("camera=(), geolocation=(), microphone=(), payment=()"))
                .crossOriginOpenerPolicy(policy -> policy.policy(CrossOriginOpenerPolicy.SAME_ORIGIN))
                .crossOriginResourcePolicy(policy -> policy.policy(CrossOriginResourcePolicy.SAME_ORIGIN));
    }

    /** The page reads the token from the cookie and sends it back as a header, which no other site can do. */
    private static CookieCsrfTokenRepository tokens() {
        CookieCsrfTokenRepository tokens = CookieCsrfTokenRepository.withHttpOnlyFalse();
        tokens.setCookieCustomizer(cookie -> cookie.sameSite("Strict").path("/"));
        return tokens;
    }

    @Bean
    InMemoryUserDetailsManager users(EtdProperties etd, Passwords passwords) {
        List<UserDetails> users = etd.console().users().entrySet().stream()
                .map(user -> User.withUsername(user.getKey())
                        .password(passwords.hashOf(user.getValue()))
                        .roles(user.getValue().role().name())
                        .build())
                .toList();
        return new InMemoryUserDetailsManager(users);
    }

    @Bean
    Passwords passwords(EtdProperties etd) {
        return Passwords.of(etd.console().users().values());
    }
}
