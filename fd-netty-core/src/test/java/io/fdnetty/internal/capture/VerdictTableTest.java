package io.fdnetty.internal.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.internal.handler.FieldTypes;
import io.fdnetty.internal.handler.HandlerRule;
import io.fdnetty.internal.handler.HandlerRules;
import io.fdnetty.internal.handler.KnownHandlers;
import io.fdnetty.internal.handler.Verdict;
import io.netty.channel.ChannelHandler;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The verdicts in the code, in the documentation, and in the jars. */
class VerdictTableTest {
    private static final Path PAGE = Path.of("..", "docs", "handlers.md");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| (`.*`) \\| ([a-z ]+) \\|.*$");
    private static final Pattern NAME = Pattern.compile("`([\\w.*]+)`");

    /** Their fields are times, timers, counters, or an answer that is given at once. */
    private static final Set<String> HARMLESS = Set.of(
            "IdleStateHandler",
            "ReadTimeoutHandler",
            "WriteTimeoutHandler",
            "FlushConsolidationHandler",
            "PcapWriteHandler",
            "AbstractTrafficShapingHandler",
            "CompatibleObjectEncoder",
            "WebSocketServerProtocolHandshakeHandler");

    @Test
    void thePageSaysWhatTheCodeDoes() throws IOException {
        Map<String, String> inCode = new TreeMap<>();
        KnownHandlers.classes()
                .forEach((name, known) -> inCode.put(name, known.verdict().toString()));
        inCode.keySet().removeIf(name -> name.contains("$") || name.startsWith("io.fdnetty."));
        Map<String, String> bySimpleName = new TreeMap<>();
        inCode.forEach((name, verdict) ->
                assertThat(bySimpleName.put(simple(name), verdict)).isNull());
        KnownHandlers.packages()
                .forEach((name, known) ->
                        bySimpleName.put(name + '*', known.verdict().toString()));
        assertThat(onThePage()).isEqualTo(bySimpleName);
    }

    private static Map<String, String> onThePage() throws IOException {
        Map<String, String> verdicts = new TreeMap<>();
        for (MatchResult row : ROW.matcher(Files.readString(PAGE)).results().toList()) {
            NAME.matcher(row.group(1))
                    .results()
                    .forEach(name -> assertThat(verdicts.put(name.group(1), row.group(2)))
                            .as(name.group(1))
                            .isNull());
        }
        return verdicts;
    }

    @Test
    void everyNameIsThatOfAHandler() throws ClassNotFoundException {
        for (String name : KnownHandlers.classes().keySet()) {
            if (!name.startsWith("io.fdnetty.http.")) { // a module that is not here
                assertThat(ChannelHandler.class).as(name).isAssignableFrom(Class.forName(name, false, loader()));
            }
        }
    }

    @Test
    void everyHandlerOfNettysModulesHasAVerdict() throws Exception {
        List<String> without = new ArrayList<>();
        for (Class<?> type : handlersOfNetty()) {
            HandlerRule rule = HandlerRules.of(type);
            boolean isBase =
                    Modifier.isAbstract(type.getModifiers()) && rule.own().isEmpty();
            if (!isBase && rule.known() == Verdict.COMPARED) {
                without.add(type.getName());
            }
        }
        assertThat(without).isEmpty();
    }

    @Test
    void everyCheckedFieldExists() {
        KnownHandlers.classes()
                .forEach((name, known) -> known.checks().forEach(check -> {
                    String first = check.path().split("\\.", -1)[0];
                    assertThat(fieldsOf(name)).as(name).contains(first);
                }));
    }

    /** Its own, and the state of a ReplayingDecoder. */
    private static List<String> fieldsOf(String name) {
        List<String> fields = new ArrayList<>();
        for (Class<?> type = load(name); type != null; type = type.getSuperclass()) {
            Arrays.stream(type.getDeclaredFields()).map(Field::getName).forEach(fields::add);
        }
        return fields;
    }

    @Test
    void whatIsPlainHasNoFieldThatChanges() {
        List<String> changing = new ArrayList<>();
        KnownHandlers.classes().forEach((name, known) -> {
            if (known.verdict() == Verdict.PLAIN && name.startsWith("io.netty.") && !HARMLESS.contains(simple(name))) {
                Stream.of(load(name).getDeclaredFields())
                        .filter(field ->
                                !Modifier.isStatic(field.getModifiers()) && !Modifier.isFinal(field.getModifiers()))
                        .filter(FieldTypes::mayChange)
                        .forEach(field -> changing.add(name + '.' + field.getName()));
            }
        });
        assertThat(changing).isEmpty();
    }

    private static List<Class<?>> handlersOfNetty() throws Exception {
        List<Class<?>> handlers = new ArrayList<>();
        for (String jar : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            if (jar.matches(".*netty-(codec|handler)[^/]*\\.jar")) {
                handlers.addAll(handlersIn(Path.of(jar)));
            }
        }
        assertThat(handlers).hasSizeGreaterThan(150);
        return handlers;
    }

    private static List<Class<?>> handlersIn(Path jar) throws IOException {
        try (FileSystem files = FileSystems.newFileSystem(URI.create("jar:" + jar.toUri()), Map.of());
                Stream<Path> all = Files.walk(files.getPath("/io/netty/handler"))) {
            return all.map(Path::toString)
                    .filter(name -> name.endsWith(".class"))
                    .map(name ->
                            name.substring(1, name.length() - ".class".length()).replace('/', '.'))
                    .flatMap(VerdictTableTest::handler)
                    .collect(Collectors.toList());
        }
    }

    /** Empty for what is no handler, not public, or needs a library that is not here. */
    private static Stream<Class<?>> handler(String name) {
        try {
            Class<?> type = Class.forName(name, false, loader());
            boolean isHandler = ChannelHandler.class.isAssignableFrom(type) && Modifier.isPublic(type.getModifiers());
            return isHandler ? Stream.of(type) : Stream.empty();
        } catch (ClassNotFoundException | LinkageError e) {
            return Stream.empty();
        }
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name, false, loader());
        } catch (ClassNotFoundException e) {
            throw new AssertionError(name, e);
        }
    }

    private static ClassLoader loader() {
        return VerdictTableTest.class.getClassLoader();
    }

    private static String simple(String name) {
        return name.substring(name.lastIndexOf('.') + 1);
    }
}
