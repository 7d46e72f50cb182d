/** {@code /actuator/etd}: what an operator sees and does, for machines and for the page. */
package org.externaltask.dispatcher.operations.api;
