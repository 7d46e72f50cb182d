package org.externaltask.dispatcher.fetch;

import org.externaltask.dispatcher.failure.PermanentFailure;

/** A variable whose content cannot be downloaded, however often it is tried. */
class DownloadImpossible extends PermanentFailure {

    DownloadImpossible(String variable, String problem) {
        super("the variable '" + variable + "' cannot be downloaded: " + problem);
    }
}
