package org.externaltask.bench;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** What becomes of it when there is more of something; {@code --part} says of what. */
public final class Scale {

    private static final Map<String, Function<Options, Question>> PARTS = Map.of(
            "topics", IdleTopics::new,
            "backlog", DeepBacklog::new,
            "variables", LargeVariables::new,
            "hanging", HangingTopic::new,
            "dispatchers", ManyDispatchers::new);

    private static final List<String> NAMES = List.of("topics", "backlog", "variables", "hanging", "dispatchers");

    private static final Set<String> OWN = Set.of("part", "tasks", "warm-up", "sizes", "settle", "seconds", "hang");

    private Scale() {}

    public static void main(String[] args) throws Exception {
        Question.ask("scale", args, Options.all(OWN, Engine.OPTIONS, Clients.OPTIONS), options -> PARTS.get(
                        options.choice("part", NAMES))
                .apply(options));
    }
}
