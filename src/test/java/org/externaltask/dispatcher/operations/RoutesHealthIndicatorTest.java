package org.externaltask.dispatcher.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import java.util.Map;
import org.externaltask.dispatcher.reload.TopicRoutes;
import org.junit.jupiter.api.Test;
import org.springframework.boot.actuate.health.Status;

class RoutesHealthIndicatorTest {

    private final TopicRoutes routes = mock(TopicRoutes.class);
    private final RoutesHealthIndicator indicator = new RoutesHealthIndicator(routes);

    @Test
    void it_counts_the_topic_files_at_work() {
        when(routes.status()).thenReturn(new TopicRoutes.Status(true, 3, Map.of()));

        assertThat(indicator.health().getStatus()).isEqualTo(Status.UP);
        assertThat(indicator.health().getDetails()).isEqualTo(Map.of("topicFiles", 3, "reload", "OK"));
    }

    @Test
    void it_does_not_claim_success_before_anything_is_loaded() {
        when(routes.status()).thenReturn(new TopicRoutes.Status(false, 0, Map.of()));

        assertThat(indicator.health().getDetails()).containsEntry("reload", "LOADING");
    }

    @Test
    void a_refused_file_shows_but_takes_nothing_down() {
        Map<String, String> refused = Map.of("/routes/svc_X.camel.yaml", "the file is empty");
        when(routes.status()).thenReturn(new TopicRoutes.Status(true, 2, refused));

        assertThat(indicator.health().getStatus()).isEqualTo(Status.UP);
        assertThat(indicator.health().getDetails())
                .isEqualTo(Map.of("topicFiles", 2, "reload", "FAILED", "refused", refused));
    }
}
