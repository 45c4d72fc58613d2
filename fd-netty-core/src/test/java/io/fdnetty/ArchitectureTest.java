package io.fdnetty;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.Architectures.LayeredArchitecture;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The packages of the library and what they may use: a package imports only those below it. */
class ArchitectureTest {
    private static final List<String> TOP_TO_BOTTOM = List.of(
            "io.fdnetty",
            "io.fdnetty.http",
            "io.fdnetty.migration",
            "io.fdnetty.handover",
            "io.fdnetty.adoption",
            "io.fdnetty.codec",
            "io.fdnetty.channel",
            "io.fdnetty.fd",
            "io.fdnetty.internal.sys");

    private final JavaClasses library = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.fdnetty");

    @Test
    void aPackageImportsOnlyThoseBelowIt() {
        LayeredArchitecture layers =
                layeredArchitecture().consideringOnlyDependenciesInLayers().withOptionalLayers(true);
        for (String name : TOP_TO_BOTTOM) {
            layers = layers.layer(name).definedBy(name);
        }
        layers = layers.whereLayer(TOP_TO_BOTTOM.get(0)).mayNotBeAccessedByAnyLayer();
        for (int i = 1; i < TOP_TO_BOTTOM.size(); i++) {
            String[] above = TOP_TO_BOTTOM.subList(0, i).toArray(String[]::new);
            layers = layers.whereLayer(TOP_TO_BOTTOM.get(i)).mayOnlyBeAccessedByLayers(above);
        }
        layers.check(library);
    }

    @Test
    void everyClassIsInOneOfThePackages() {
        classes()
                .should()
                .resideInAnyPackage(TOP_TO_BOTTOM.toArray(String[]::new))
                .allowEmptyShould(true)
                .check(library);
    }

    @Test
    void onlySystemCallsUseTheForeignMemoryInterfaceOrTheInternalsOfTheJdk() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.fdnetty.internal.sys")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.lang.foreign..", "sun..", "jdk.internal..")
                .allowEmptyShould(true)
                .check(library);
    }
}
