package io.fdnetty.testsuite;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Compares what is public with the text in docs/api, one file for each module: whoever changes the interface changes it
 * there, too, and sees what users will see. {@code -Dfdnetty.api=write} writes the files.
 */
class PublicApiTest {
    private static final Path DIRECTORY = Path.of("..", "docs", "api");
    private static final int MOST_TYPES_OF_CORE = 30;

    private static final JavaClasses library = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages("io.fdnetty");

    /** A module and what it exports. */
    record Exports(String module, Set<String> packages) {
        @Override
        public String toString() {
            return module;
        }
    }

    static Stream<Exports> modules() {
        return Stream.of(
                new Exports(
                        "fd-netty-core",
                        Set.of(
                                "io.fdnetty",
                                "io.fdnetty.boundary",
                                "io.fdnetty.channel",
                                "io.fdnetty.fd",
                                "io.fdnetty.move")),
                new Exports("fd-netty-http", Set.of("io.fdnetty.http")),
                new Exports("fd-netty-testkit", Set.of("io.fdnetty.testkit")));
    }

    @ParameterizedTest
    @MethodSource("modules")
    void theInterfaceIsTheWrittenOne(Exports module) throws IOException {
        String text = types(module).stream().map(PublicApiTest::describe).collect(Collectors.joining("\n"));
        Path file = DIRECTORY.resolve(module.module() + ".txt");
        if (System.getProperty("fdnetty.api", "").equals("write")) {
            Files.createDirectories(DIRECTORY);
            Files.writeString(file, text);
        }
        assertThat(text).as("the interface of " + module).isEqualTo(Files.readString(file));
    }

    /** What an author has to learn. */
    @Test
    void coreExportsFewTypes() {
        assertThat(types(modules().findFirst().orElseThrow())).hasSizeLessThanOrEqualTo(MOST_TYPES_OF_CORE);
    }

    private static List<Class<?>> types(Exports module) {
        return library.stream()
                .filter(type -> module.packages().contains(type.getPackageName()))
                .filter(type -> type.isTopLevelClass()
                        && type.getModifiers().contains(com.tngtech.archunit.core.domain.JavaModifier.PUBLIC))
                .map(JavaClass::reflect)
                .sorted((one, other) -> one.getName().compareTo(other.getName()))
                .collect(Collectors.toList());
    }

    private static String describe(Class<?> type) {
        StringBuilder text = new StringBuilder();
        describe(type, "", text);
        return text.toString();
    }

    private static void describe(Class<?> type, String indent, StringBuilder text) {
        text.append(indent).append(kind(type)).append(' ').append(type.getName());
        if (type.getSuperclass() != null
                && !type.isEnum()
                && !type.isRecord()
                && type.getSuperclass() != Object.class) {
            text.append(" extends ").append(type.getGenericSuperclass().getTypeName());
        }
        if (type.getInterfaces().length > 0) {
            text.append(type.isInterface() ? " extends " : " implements ").append(names(type.getGenericInterfaces()));
        }
        text.append('\n');
        Set<String> members = new TreeSet<>();
        for (Field field : type.getDeclaredFields()) {
            if (isVisible(field.getModifiers()) && !field.isSynthetic()) {
                members.add(
                        modifiers(field.getModifiers()) + field.getGenericType().getTypeName() + ' ' + field.getName());
            }
        }
        for (Constructor<?> constructor : type.getDeclaredConstructors()) {
            if (isVisible(constructor.getModifiers()) && !constructor.isSynthetic()) {
                members.add(modifiers(constructor.getModifiers()) + "<init>" + parameters(constructor));
            }
        }
        for (Method method : type.getDeclaredMethods()) {
            if (isVisible(method.getModifiers()) && !method.isSynthetic()) {
                members.add(modifiers(method.getModifiers())
                        + (method.isDefault() ? "default " : "")
                        + method.getGenericReturnType().getTypeName()
                        + ' '
                        + method.getName()
                        + parameters(method));
            }
        }
        members.forEach(
                member -> text.append(indent).append("    ").append(member).append('\n'));
        List<Class<?>> nested = new ArrayList<>(Arrays.asList(type.getDeclaredClasses()));
        nested.sort((one, other) -> one.getName().compareTo(other.getName()));
        nested.stream()
                .filter(each -> isVisible(each.getModifiers()))
                .forEach(each -> describe(each, indent + "    ", text));
    }

    private static String kind(Class<?> type) {
        String modifiers = Modifier.toString(type.getModifiers() & ~Modifier.INTERFACE & ~Modifier.STATIC);
        String kind = type.isRecord() ? "record" : type.isEnum() ? "enum" : type.isInterface() ? "interface" : "class";
        return (modifiers + ' ' + kind).strip();
    }

    private static boolean isVisible(int modifiers) {
        return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
    }

    private static String modifiers(int modifiers) {
        String text = Modifier.toString(modifiers
                & (Modifier.PUBLIC | Modifier.PROTECTED | Modifier.STATIC | Modifier.FINAL | Modifier.ABSTRACT));
        return text.isEmpty() ? "" : text + ' ';
    }

    private static String parameters(Executable executable) {
        String thrown = names(executable.getGenericExceptionTypes());
        return '(' + names(executable.getGenericParameterTypes()) + ')' + (thrown.isEmpty() ? "" : " throws " + thrown);
    }

    private static String names(java.lang.reflect.Type[] types) {
        return Arrays.stream(types).map(java.lang.reflect.Type::getTypeName).collect(Collectors.joining(", "));
    }
}
