package org.externaltask.dispatcher.http;

import java.net.UnknownHostException;

/** The configuration does not allow to call this host, or where its name leads now. */
class HostNotAllowed extends UnknownHostException {

    HostNotAllowed(String message) {
        super(message);
    }
}
