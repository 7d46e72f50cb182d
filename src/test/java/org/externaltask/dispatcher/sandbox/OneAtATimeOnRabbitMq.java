package org.externaltask.dispatcher.sandbox;

import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store.CloseableResource;

/**
 * Lets a class of tests wait until no other one, in whichever JVM of this machine, uses the queues of {@link RabbitMq}: those of
 * topics have the same names for all, and a dispatcher would take the messages of another one's test.
 */
public final class OneAtATimeOnRabbitMq implements BeforeAllCallback {

    private static final Path LOCK = Path.of(System.getProperty("java.io.tmpdir"), "etd-tests-on-rabbitmq.lock");

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        FileChannel file = FileChannel.open(LOCK, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        file.lock();
        // What a store holds is closed after all that is to be done after the tests, such as to stop their dispatcher.
        context.getStore(Namespace.create(OneAtATimeOnRabbitMq.class)).put(LOCK, (CloseableResource) file::close);
    }
}
