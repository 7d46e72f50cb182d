/** The Camel component {@code user-task:}: user tasks are handed to a task application and come back from it. */
package org.externaltask.dispatcher.usertask;
