package org.externaltask.bench;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Tasks that wait in a real engine when the clients come. The first of them warm the clients up, the next are measured, and what is beyond
 * stays.
 */
record Backlog(int warmUp, int tasks, int beyond, int perInstance) {

    /** What came of tasks that were done. */
    interface Check {
        void of(int tasks) throws Exception;
    }

    static final Check NONE = tasks -> {};

    int all() {
        return warmUp + tasks + beyond;
    }

    /** Puts the tasks into an engine that may have others already. */
    void fill(Engine engine, String topic, Map<String, Object> more) throws Exception {
        if (all() % perInstance != 0) {
            throw new Options.Wrong(all() + " tasks are not a multiple of " + perInstance);
        }
        String process = perInstance == 1 ? "bench-single" : "bench-many";
        engine.begin(process, all() / perInstance, i -> variables(topic, more));
    }

    private Map<String, Object> variables(String topic, Map<String, Object> more) {
        Map<String, Object> variables = new HashMap<>(more);
        variables.put("topic", topic);
        variables.put("count", perInstance);
        variables.put("customerNumber", "C-100");
        variables.put("amount", 12);
        variables.put("name", "Ada Lovelace");
        return variables;
    }

    /**
     * Starts the clients, measures, and stops them; fails when a task was not completed or completed twice.
     *
     * @param others tasks in the engine that are not of this backlog
     */
    Map<String, Double> drain(Engine engine, int others, Supplier<List<Child>> clients, Check check) throws Exception {
        Map<String, Double> figures;
        List<Child> started = clients.get();
        try {
            figures = measure(engine, "completed", "tasks", started);
        } finally {
            started.forEach(Child::close);
        }
        engine.mustAddUp(all() + others);
        if (beyond + others == 0) {
            engine.mustBeDone();
        }
        check.of(engine.answers("completed"));
        return figures;
    }

    /** Waits until the engine has given so many answers of a kind, and measures all of them but those of the warm-up. */
    Map<String, Double> measure(Engine engine, String kind, String what, List<Child> clients) throws Exception {
        int first = Waiting.until(warmUp, () -> engine.answers(kind), clients);
        int locks = engine.answers("optimisticLocks");
        Stretch stretch = Stretch.begin(Stretch.parts(clients, engine.process()));
        int last = Waiting.until(warmUp + tasks, () -> engine.answers(kind), clients);
        Map<String, Double> figures = stretch.perTask(what, last - first);
        figures.put("optimistic locks", (double) (engine.answers("optimisticLocks") - locks));
        return figures;
    }
}
