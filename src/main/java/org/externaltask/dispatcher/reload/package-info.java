/** Topic files: loading them at start-up, and taking up changes while the dispatcher runs. */
package org.externaltask.dispatcher.reload;
