package org.externaltask.dispatcher.trace;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

class TaskLogTest {

    @Test
    void a_task_is_named_without_the_control_characters_of_its_data_until_it_is_left() {
        TaskLog.enter("default", "svc_A", "task-1", "instance-1", "B-4\r\n2026 WARN forged");

        assertThat(MDC.getCopyOfContextMap())
                .containsEntry("engine", "default")
                .containsEntry("topic", "svc_A")
                .containsEntry("taskId", "task-1")
                .containsEntry("processInstanceId", "instance-1")
                .containsEntry("businessKey", "B-4 2026 WARN forged");

        TaskLog.leave();

        assertThat(MDC.get("taskId")).isNull();
        assertThat(MDC.get("businessKey")).isNull();
    }
}
