package org.externaltask.dispatcher.operations.api;

import java.util.List;

/**
 * The tasks that get new tries.
 *
 * @param more whether there are more than were looked at
 */
record Replay(List<String> taskIds, boolean more) {}
