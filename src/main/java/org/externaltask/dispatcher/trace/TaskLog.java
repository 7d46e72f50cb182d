package org.externaltask.dispatcher.trace;

import org.slf4j.MDC;

/** Names the task that a thread works on in each of its log lines (MDC). */
public final class TaskLog {

    private static final int LONGEST = 255;

    private TaskLog() {}

    /** From now on, until {@link #leave} or the next task; each of them may be null. */
    public static void enter(String engine, String topic, String taskId, String processInstanceId, String businessKey) {
        put("engine", engine);
        put("topic", topic);
        put("taskId", taskId);
        put("processInstanceId", processInstanceId);
        put("businessKey", businessKey);
    }

    public static void leave() {
        enter(null, null, null, null, null);
    }

    private static void put(String key, String value) {
        if (value == null) {
            MDC.remove(key);
        } else {
            MDC.put(key, line(value));
        }
    }

    /** A business key is data, and must not make log lines of its own. */
    private static String line(String value) {
        String text = value.length() <= LONGEST ? value : value.substring(0, LONGEST);
        for (int i = 0; i < text.length(); i++) {
            if (Character.isISOControl(text.charAt(i)) || text.charAt(i) == '\u2028' || text.charAt(i) == '\u2029') {
                return text.replaceAll("[\\p{Cntrl}\\u0080-\\u009f\\u2028\\u2029]+", " ");
            }
        }
        return text;
    }
}
