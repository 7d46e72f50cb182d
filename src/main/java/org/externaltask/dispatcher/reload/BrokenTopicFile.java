package org.externaltask.dispatcher.reload;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.FailedToCreateRouteException;
import org.apache.camel.NoSuchEndpointException;
import org.apache.camel.ResolveEndpointFailedException;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.springframework.util.StringUtils;

/** A topic file that cannot be used; the message says where in it, what was found, and what to do. */
class BrokenTopicFile extends Exception {

    private static final Pattern STEP = Pattern.compile(">>> (.*?) <<<", Pattern.DOTALL);
    private static final Pattern UNKNOWN_OPTION = Pattern.compile("Unknown parameters=\\[\\{(.*)}]");

    BrokenTopicFile(String reason) {
        super(reason);
    }

    BrokenTopicFile(Optional<Mark> where, String reason) {
        this(where.map(mark -> "line " + (mark.getLine() + 1) + ", column " + (mark.getColumn() + 1) + ": ")
                        .orElse("")
                + reason);
    }

    /** The reason in what Camel threw: the position or the step if it is known, and the innermost message. */
    static BrokenTopicFile because(Throwable thrown) {
        String step = "";
        Throwable innermost = thrown;
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            if (t instanceof BrokenTopicFile broken) {
                return broken;
            }
            if (t instanceof MarkedYamlEngineException marked) {
                return new BrokenTopicFile(marked.getProblemMark(), problem(marked));
            }
            if (t instanceof FailedToCreateRouteException failed) {
                step = step(failed);
            }
            innermost = t.getMessage() == null ? innermost : t;
        }
        return new BrokenTopicFile(step + message(innermost));
    }

    private static String step(FailedToCreateRouteException e) {
        Matcher step = STEP.matcher(e.getMessage());
        return step.find() && !step.group(1).contains("={{")
                ? StringUtils.truncate(step.group(1).replaceAll("\\s+", " "), 120) + ": "
                : "";
    }

    private static String message(Throwable e) {
        String message = e.getMessage() == null
                ? e.getClass().getName()
                : e.getMessage().lines().findFirst().orElse("");
        Matcher unknown = UNKNOWN_OPTION.matcher(message);
        if (e instanceof ResolveEndpointFailedException failed && unknown.find()) {
            String names = unknown.group(1).replaceAll("=[^,]*", "");
            return failed.getUri().replaceFirst("\\?.*", "") + " has no option " + names + "; check its spelling";
        }
        if (e instanceof NoSuchEndpointException missing) {
            return "nothing is known under " + missing.getUri() + "; check its spelling";
        }
        return message;
    }

    private static String problem(MarkedYamlEngineException e) {
        String problem = e.getProblem() == null ? e.getMessage() : e.getProblem();
        if (problem.contains("(TAB)")) {
            return problem + "; indent with spaces";
        }
        if (problem.startsWith("unexpected character found")) {
            return "found * or & at the beginning of a value; put the value into quotes, for example variables: \"*\"";
        }
        boolean word = problem.startsWith("Unknown node id") || problem.startsWith("Unsupported field");
        return word ? problem + ": Camel's YAML DSL has no such word here; check spelling and indentation" : problem;
    }
}
