/** What ties together what happens for one task in several systems: the trace that it belongs to, and its names in each log line. */
package org.externaltask.dispatcher.trace;
