package io.fdnetty.http;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    private static final String LIST = "/META-INF/fd-netty/handover-classes";

    private final JavaClasses module = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.fdnetty.http");

    /** What it needs of the library others need, too. */
    @Test
    void itUsesThePublicInterfaceAlone() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.fdnetty.internal..")
                .check(module);
    }

    /** What is loaded before a process is ready for an upgrade: all of this module, whichever compiler made it. */
    @Test
    void theListOfClassesIsComplete() throws Exception {
        try (InputStream list = getClass().getResourceAsStream(LIST)) {
            List<String> names = new String(list.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            List<String> classes = module.stream()
                    .map(JavaClass::getName)
                    .filter(name -> !name.endsWith("package-info"))
                    .toList();
            assertThat(names).containsAll(classes).isSorted();
            assertThat(names) // one compiler makes a class of a switch, another one does not
                    .allMatch(name -> classes.contains(name) || name.matches(".*\\$\\d+"));
        }
    }
}
