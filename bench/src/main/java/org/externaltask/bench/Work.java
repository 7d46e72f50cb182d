package org.externaltask.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What is to be done for a task; each has a topic, and a folder with the dispatcher's route for it. */
enum Work {
    /** Three variables in, two out. */
    MAPS("svc_Map"),
    /** The same, by way of a call to the gateway. */
    CALLS("svc_Call"),
    /** Three variables in, one message out. */
    PUBLISHES("msg_Publish"),
    /** As {@link #PUBLISHES}; the reply to the message completes the task. */
    REPLIES("msg_Request"),
    /** Stays unanswered for long. */
    HANGS("svc_Hang"),
    /** Tells the gateway its number. */
    PROBES("svc_Probe"),
    /** A large variable in, and out again. */
    CARRIES("svc_Carry"),
    /** Nothing but to be completed. */
    COMPLETES("svc_Map");

    private final String topic;

    Work(String topic) {
        this.topic = topic;
    }

    static Work of(Options options, Work... allowed) {
        List<String> names = Arrays.stream(allowed).map(Work::word).toList();
        return valueOf(options.choice("work", names).toUpperCase(Locale.ROOT));
    }

    String topic() {
        return topic;
    }

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    String routes() {
        return Home.of("routes/" + word()).toString();
    }
}
