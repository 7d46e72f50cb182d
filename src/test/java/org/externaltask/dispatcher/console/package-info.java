/** Tests of the console, the page at {@code /}: of its files, and of what a user sees of it in a browser. */
package org.externaltask.dispatcher.console;
