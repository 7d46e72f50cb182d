/** The house rules of the YAML files, as checks. */
package org.externaltask.dispatcher.style;
