package org.externaltask.dispatcher.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.externaltask.dispatcher.DispatcherApplication;
import org.externaltask.dispatcher.sandbox.EngineClient;
import org.externaltask.dispatcher.sandbox.Workshop;
import org.junit.jupiter.api.Test;
import org.springframework.amqp.core.MessageBuilder;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.test.annotation.DirtiesContext;

/** Complete, then notify, from end to end: the bundled routes, the real engine, a broker, and the workshop that answers. */
@SpringBootTest(classes = DispatcherApplication.class, webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
@DirtiesContext // or this dispatcher would take the tasks of the next test
abstract class LongRunningWork {

    private static final Duration SOON = Duration.ofSeconds(30);

    private final EngineClient engine = Surroundings.ENGINE.client();

    @Autowired
    private RabbitTemplate broker;

    @Test
    void work_is_begun_and_its_process_goes_on_when_the_answer_comes() {
        List<String> works = Stream.generate(() -> start("W-" + UUID.randomUUID(), "paint the fence"))
                .limit(10)
                .toList();

        works.forEach(work -> awaitEnd(work, "done: paint the fence"));
    }

    @Test
    void an_answer_that_comes_before_its_process_waits_is_tried_again_until_it_does() {
        String reference = "W-" + UUID.randomUUID();
        byte[] answer = "{\"reference\": \"%s\", \"result\": \"early\"}"
                .formatted(reference)
                .getBytes(StandardCharsets.UTF_8);
        broker.send(
                Workshop.EXCHANGE,
                Workshop.FINISHED,
                MessageBuilder.withBody(answer).setMessageId(reference).build());

        awaitEnd(start(reference, Workshop.ENDLESS), "early");
    }

    private String start(String reference, String work) {
        return engine.startProcess("long-running-work", reference, Map.of("work", work));
    }

    private void awaitEnd(String work, String result) {
        await().atMost(SOON).untilAsserted(() -> assertThat(engine.endEvent(work))
                .as(() -> "at " + engine.currentActivities(work) + ", incidents " + engine.incidents(work))
                .contains("Work finished"));
        assertThat(engine.variables(work).get("result").path("value").asText()).isEqualTo(result);
    }
}
