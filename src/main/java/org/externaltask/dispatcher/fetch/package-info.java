/** What to fetch next, and who may take how much: the fetch plan and its permits. */
package org.externaltask.dispatcher.fetch;
