/** What can be set under {@code etd.}: keys, defaults, limits. */
package org.externaltask.dispatcher.configuration;
