/** How ETD reads and writes JSON: exactly. */
package org.externaltask.dispatcher.json;
