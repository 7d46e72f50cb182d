/** What the Java code must keep to, as checks. */
package org.externaltask.dispatcher.architecture;
