/** How the other rooms measure: meters with tags, kept so that no task has to look them up in the registry. */
package org.externaltask.dispatcher.meters;
