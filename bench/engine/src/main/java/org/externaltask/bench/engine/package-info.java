/** The engine of the measurements, a process of its own that counts what it answers. */
package org.externaltask.bench.engine;
