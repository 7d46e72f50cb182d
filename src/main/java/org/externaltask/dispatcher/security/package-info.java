/** Who may reach the dispatcher, look at it and steer it, and what is written down about that. */
package org.externaltask.dispatcher.security;
