package org.externaltask.dispatcher.reload;

import java.util.Optional;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;

/** A topic file that cannot be used; the message says where in it, what was found, and what to do. */
class BrokenTopicFile extends Exception {

    BrokenTopicFile(String reason) {
        super(reason);
    }

    BrokenTopicFile(Optional<Mark> where, String reason) {
        this(where.map(mark -> "line " + (mark.getLine() + 1) + ", column " + (mark.getColumn() + 1) + ": ")
                        .orElse("")
                + reason);
    }

    /** The reason in what Camel threw: the position where the parser knows it, otherwise the innermost message. */
    static BrokenTopicFile because(Throwable thrown) {
        Throwable innermost = thrown;
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            if (t instanceof BrokenTopicFile broken) {
                return broken;
            }
            if (t instanceof MarkedYamlEngineException marked) {
                return new BrokenTopicFile(marked.getProblemMark(), problem(marked));
            }
            innermost = t.getMessage() == null ? innermost : t;
        }
        return new BrokenTopicFile(
                innermost.getMessage() == null ? innermost.getClass().getName() : innermost.getMessage());
    }

    private static String problem(MarkedYamlEngineException e) {
        String problem = e.getProblem() == null ? e.getMessage() : e.getProblem();
        if (problem.contains("(TAB)")) {
            return problem + "; indent with spaces";
        }
        boolean word = problem.startsWith("Unknown node id") || problem.startsWith("Unsupported field");
        return word ? problem + ": Camel's YAML DSL has no such word here; check spelling and indentation" : problem;
    }
}
