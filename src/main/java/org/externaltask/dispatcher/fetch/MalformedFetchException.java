package org.externaltask.dispatcher.fetch;

/** The engine, or a proxy before it, answered a fetch with something that is no list of tasks. */
class MalformedFetchException extends RuntimeException {

    MalformedFetchException(String engine, String expected, String found) {
        super("engine " + engine + " answered a fetch with " + found + "; expected " + expected + " (does etd.engines."
                + engine + ".base-url point at the engine's REST API?)");
    }
}
