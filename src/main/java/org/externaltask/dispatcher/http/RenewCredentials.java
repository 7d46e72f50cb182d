package org.externaltask.dispatcher.http;

import java.io.IOException;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.classic.ExecChain.Scope;
import org.apache.hc.client5.http.classic.ExecChainHandler;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpStatus;
import org.apache.hc.core5.http.io.support.ClassicRequestBuilder;

/**
 * Sends a call again with a new token, once, when the peer has refused the old one: it may have been withdrawn before its time. A
 * call that was refused has changed nothing, so this holds for every method.
 */
final class RenewCredentials implements ExecChainHandler {

    private final Credentials credentials;

    RenewCredentials(Credentials credentials) {
        this.credentials = credentials;
    }

    @Override
    public ClassicHttpResponse execute(ClassicHttpRequest request, Scope scope, ExecChain chain)
            throws IOException, HttpException {
        Header sent = request.getFirstHeader(HttpHeaders.AUTHORIZATION);
        ClassicHttpResponse answer = chain.proceed(request, scope);
        if (answer.getCode() != HttpStatus.SC_UNAUTHORIZED) {
            return answer;
        }
        answer.close();
        // The first request has got the headers of its connection by now, and the repeats of a call begin from the
        // scope's.
        ClassicHttpRequest again =
                ClassicRequestBuilder.copy(scope.originalRequest).build();
        again.setHeader(credentials.insteadOf(sent));
        return chain.proceed(
                ClassicRequestBuilder.copy(again).build(),
                new Scope(scope.exchangeId, scope.route, again, scope.execRuntime, scope.clientContext));
    }
}
