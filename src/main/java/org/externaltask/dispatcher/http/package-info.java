/** How ETD calls an HTTP peer, engine or gateway: fixed base URL, encoded path, header allow-list. */
package org.externaltask.dispatcher.http;
