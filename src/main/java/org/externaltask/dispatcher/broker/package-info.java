/** The broker's side: publishing with confirms and returns. */
package org.externaltask.dispatcher.broker;
