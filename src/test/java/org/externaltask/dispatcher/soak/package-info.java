/** The soak: many process instances while everything around the dispatchers fails, and a checker that knows what must be true afterwards. */
package org.externaltask.dispatcher.soak;
