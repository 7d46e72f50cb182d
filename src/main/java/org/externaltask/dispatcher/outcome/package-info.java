/** What happened in a topic's route, and what the engine is told about it. */
package org.externaltask.dispatcher.outcome;
