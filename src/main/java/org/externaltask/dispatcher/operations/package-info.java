/** What an operator sees and steers: health and metrics. */
package org.externaltask.dispatcher.operations;
