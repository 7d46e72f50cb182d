package org.externaltask.dispatcher.outcome;

/** A route has raised a BPMN error by the kamelet {@code raise-bpmn-error}. */
class BpmnErrorRaised extends RuntimeException {

    private final String code;

    BpmnErrorRaised(String code, String message) {
        super(message, null, false, false); // it is control flow, and its stack says nothing
        this.code = code;
    }

    String code() {
        return code;
    }
}
