package org.externaltask.dispatcher.engine;

import java.util.regex.Pattern;

/** Knows which ids of tasks can be worked with. */
public final class TaskIds {

    /** It becomes a segment of a path and the value of a header; a task that cannot be reported must not be begun. */
    private static final Pattern USABLE = Pattern.compile("(?!\\.{1,2}$)[\\x21-\\x7e&&[^/\\\\?#%]]{1,255}");

    private TaskIds() {}

    /** @param id as an engine sent it, or null */
    public static boolean isUsable(String id) {
        return id != null && USABLE.matcher(id).matches();
    }
}
