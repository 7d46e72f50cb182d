package org.externaltask.dispatcher.broker;

/** Text of somebody else, made fit for one line of a log or for a header. */
final class Line {

    private static final int LONGEST = 500;

    private Line() {}

    static String of(String text) {
        String line = String.valueOf(text).replaceAll("\\p{Cntrl}+", " ").strip();
        return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "…";
    }
}
