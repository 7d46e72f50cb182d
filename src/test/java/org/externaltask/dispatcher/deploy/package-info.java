/** What people deploy with: the manifests for Kubernetes, the image, the compose file. */
package org.externaltask.dispatcher.deploy;
