/** Measures the dispatcher beside other clients of the engine, each in a process of its own. */
package org.externaltask.bench;
