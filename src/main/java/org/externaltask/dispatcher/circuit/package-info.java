/** Circuits of the gateways and the broker: who may be called now, and whose tasks are better left in the engine. */
package org.externaltask.dispatcher.circuit;
