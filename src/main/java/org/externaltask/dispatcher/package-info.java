/** The External Task Dispatcher: connects the external tasks of BPMN engines with API gateways and message brokers. */
package org.externaltask.dispatcher;
