package org.externaltask.dispatcher.engine;

import org.externaltask.dispatcher.failure.PermanentFailure;

/** A variable that cannot be read or written. Repeating cannot help; the message names the variable and never its value. */
class VariableException extends PermanentFailure {

    private static final int LONGEST_NAME = 80;

    /** @param problem continues the sentence "Variable 'x' …" */
    public VariableException(String variable, String problem) {
        this("Variable '" + printable(variable) + "' " + problem);
    }

    VariableException(String message) {
        super(message);
    }

    /** Names are data as well: they must not forge a line in a log or fill an incident. */
    private static String printable(String name) {
        String oneLine = name.replaceAll("[\\p{Cntrl}\\p{Cs}\\u2028\\u2029]", "?");
        return oneLine.length() <= LONGEST_NAME ? oneLine : oneLine.substring(0, LONGEST_NAME) + "…";
    }
}
