/** An engine, a broker and a gateway inside one JVM, for {@code mvn spring-boot:test-run} and for the tests. */
package org.externaltask.dispatcher.sandbox;
