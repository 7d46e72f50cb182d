/** The engine's side: typed variables and plain JSON, what its answers mean, what it is told. */
package org.externaltask.dispatcher.engine;
