package org.externaltask.dispatcher.reload;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Prints what is wrong with the topic files instead of a stack trace when start-up stops. */
class TopicFilesFailureAnalyzer extends AbstractFailureAnalyzer<TopicFilesUnusable> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, TopicFilesUnusable cause) {
        return new FailureAnalysis(cause.getMessage(), cause.action(), cause);
    }
}
