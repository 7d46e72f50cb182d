package org.externaltask.dispatcher.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.OnlyIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.concurrent.TimeUnit;
import org.externaltask.dispatcher.DispatcherApplication;

@AnalyzeClasses(packagesOf = DispatcherApplication.class, importOptions = OnlyIncludeTests.class)
class TestCodeTest {

    @ArchTest
    static final ArchRule no_test_sleeps = noClasses()
            .that()
            .doNotHaveFullyQualifiedName("org.externaltask.dispatcher.sandbox.RawPeer")
            .should()
            .callMethod(Thread.class, "sleep", long.class)
            .orShould()
            .callMethod(TimeUnit.class, "sleep", long.class)
            .because("a test waits for what it needs with Awaitility, no longer and no shorter;"
                    + " only RawPeer is slow because slowness is what it plays");
}
