/** The Camel component {@code external-task:} and what a subscription is. */
package org.externaltask.dispatcher.externaltask;
