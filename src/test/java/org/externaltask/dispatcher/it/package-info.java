/** The dispatcher as a whole, on a real engine, a real broker and a real gateway. */
package org.externaltask.dispatcher.it;
