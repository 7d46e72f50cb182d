package org.externaltask.bench.engine;

import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.web.filter.OncePerRequestFilter;

/** Counts the answers to calls that change something, and has two calls of its own, {@code /bench/counts} and {@code /bench/forget}. */
final class CountingFilter extends OncePerRequestFilter {

    private final Counts counts;
    private final Leftovers leftovers;

    CountingFilter(Counts counts, Leftovers leftovers) {
        this.counts = counts;
        this.leftovers = leftovers;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String path = request.getRequestURI();
        if (path.equals("/bench/counts")) {
            response.setContentType("application/json");
            response.getWriter().print(counts.asJson());
        } else if (path.equals("/bench/forget")) {
            leftovers.forget();
            counts.forget();
        } else if (request.getMethod().equals("POST")) {
            RefusalKeepingResponse kept = new RefusalKeepingResponse(response);
            chain.doFilter(request, kept);
            if (request.isAsyncStarted()) {
                counts.pollOpened();
                request.getAsyncContext().addListener(new WhenAnswered(path, kept));
            } else {
                counts.add(path, kept.getStatus(), kept.refusal());
            }
        } else {
            chain.doFilter(request, response);
        }
    }

    /** A long poll is answered later, on another thread. */
    private final class WhenAnswered implements AsyncListener {

        private final String path;
        private final RefusalKeepingResponse response;

        WhenAnswered(String path, RefusalKeepingResponse response) {
            this.path = path;
            this.response = response;
        }

        @Override
        public void onComplete(AsyncEvent event) {
            counts.pollAnswered();
            counts.add(path, response.getStatus(), response.refusal());
        }

        @Override
        public void onTimeout(AsyncEvent event) {
            // The engine has a time limit of its own.
        }

        @Override
        public void onError(AsyncEvent event) {
            // The client is gone; the run notices by what it does not complete.
        }

        @Override
        public void onStartAsync(AsyncEvent event) {
            event.getAsyncContext().addListener(this);
        }
    }
}
