/** The gateway's side: what its answers become in a topic's route. */
package org.externaltask.dispatcher.gateway;
