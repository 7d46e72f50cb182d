/**
 * What goes wrong when routes are written as Camel's examples write them, and that it does not with the dispatcher's own words:
 * address, verb and secrets chosen by data; a POST repeated by the HTTP client; headers that leak from one call into the next; a
 * token request for each call; a message published to nobody; a message lost because its route failed. The naive routes are run on
 * Camel as it is, so that these tests also notice when Camel has changed.
 */
package org.externaltask.dispatcher.security;
