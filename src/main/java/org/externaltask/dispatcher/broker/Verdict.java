package org.externaltask.dispatcher.broker;

/** What is to become of a message whose route has failed. */
enum Verdict {
    /** The message has done its work in an earlier try. */
    DUPLICATE,
    /** Repeating cannot help. */
    PARK,
    /** What failed may pass by itself. */
    RETRY,
    /** The engine may be of no use to any message now. */
    ASK_ENGINE
}
