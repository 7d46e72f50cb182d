package org.externaltask.bench;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/** A question that a command answers: who takes part, and what one run of each says. */
interface Question extends AutoCloseable {

    /** Options that every question has. */
    Set<String> COMMON = Set.of("jar", "jvm", "jfr", "rounds", "out", "participants");

    /** The rows of the table, in the order in which they run; the first is what the others are compared with. */
    List<String> participants();

    /** One run of a participant: the name of each column, and its figure. */
    Map<String, Double> run(String participant) throws Exception;

    @Override
    default void close() {}

    /** Runs all rounds, prints the table, and ends this process. */
    static void ask(String name, String[] args, Set<String> own, Function<Options, Question> question)
            throws Exception {
        System.exit(answer(name, args, own, question));
    }

    private static int answer(String name, String[] args, Set<String> own, Function<Options, Question> questions)
            throws Exception {
        try {
            Options options = new Options(args, Stream.concat(COMMON.stream(), own.stream()));
            Report report = new Report(name);
            try (Question question = questions.apply(options)) {
                for (int rounds = options.number("rounds", 3); rounds > 0; rounds--) {
                    for (String participant : question.participants()) {
                        report.add(participant, question.run(participant));
                    }
                }
            }
            return report.print(options);
        } catch (Options.Wrong e) {
            System.err.println(name + ": " + e.getMessage());
            return 2;
        }
    }
}
