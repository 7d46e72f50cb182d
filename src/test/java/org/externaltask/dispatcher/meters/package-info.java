/** Tests of the meters. */
package org.externaltask.dispatcher.meters;
