/** The kinds of failure that every room may tell of. */
package org.externaltask.dispatcher.failure;
