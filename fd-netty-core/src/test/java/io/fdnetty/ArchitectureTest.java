package io.fdnetty;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The rooms of the library and what they may use; docs/architecture.md draws them. */
class ArchitectureTest {
    /** Each room, and the rooms that it may use besides itself; what is used by those is not implied. */
    private static final Map<String, List<String>> ROOMS = new LinkedHashMap<>();

    private static final List<String> WIRE = List.of("protocol", "channel", "fd", "sys");

    static {
        // the vocabulary; of the internals it knows the one escape of foreign text
        room("move");
        room("sys");
        room("fd", "sys");
        room("channel", "fd", "sys");
        room("netty", "gate.bytes", "sys");
        room("protocol", "channel", "fd", "sys");
        room("machine", "vocabulary", WIRE);
        room("report", "vocabulary", "sys");
        room("gate", "move", "netty", "sys");
        room("handler", "move", "gate", "netty", "sys");
        room("listener", "netty", "fd", "sys");
        room("control", "vocabulary", "report", WIRE);
        room("connection", "move", "handler", "gate", "listener", "netty", "protocol", "sys");
        room("survey", "move", "connection", "handler", "gate", "netty", "protocol", "sys");
        room("arrival", "move", "survey", "connection", "handler", "gate", "listener", "netty", WIRE);
        room("capture", "move", "arrival", "survey", "connection", "handler", "gate", "listener", "netty", WIRE);
        room("server", "vocabulary", "control", "report", "machine", "connection", "listener", WIRE);
        room(
                "incumbent",
                "vocabulary",
                "server",
                "control",
                "report",
                "machine",
                "capture",
                "connection",
                "listener",
                WIRE);
        room(
                "successor",
                "vocabulary",
                "server",
                "control",
                "report",
                "machine",
                "arrival",
                "connection",
                "listener",
                WIRE);
        room("boundary", "move", "netty");
    }

    /**
     * What cannot be without each other; each package says so. (That a sealed family names its members does not count.)
     */
    private static final List<Set<String>> CIRCLES = List.of(
            Set.of("Upgrader", "UpgraderBuilder"),
            Set.of("AncillaryChannelConfig", "AncillarySocketChannel"),
            Set.of("AncillaryServerChannelConfig", "AncillaryServerSocketChannel"),
            Set.of("EpollReadiness", "KQueueReadiness", "Readiness"),
            Set.of("EpollTransport", "KQueueTransport", "Transport"),
            Set.of("Message", "MessageType"),
            Set.of("MovableHandler", "Overrides"),
            Set.of("Gate", "HeldOutbound"),
            Set.of("PartArrival", "UnitArrival"),
            Set.of("Capture", "CapturedUnit"),
            Set.of("CapturePart", "PartHarvest", "UnitHarvest"),
            Set.of(
                    "ArrivingConnection",
                    "IntakePauses",
                    "LinkGroup",
                    "LiveConnections",
                    "MovableInitializer",
                    "TrackedConnection"));

    private static final JavaClasses library = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.fdnetty");

    private static void room(String name, Object... used) {
        List<String> names = new ArrayList<>();
        for (Object each : used) {
            if (each instanceof Collection<?> several) {
                several.forEach(one -> names.add((String) one));
            } else {
                names.add((String) each);
            }
        }
        ROOMS.put(name, names);
    }

    static List<String> rooms() {
        return List.copyOf(ROOMS.keySet());
    }

    @ParameterizedTest
    @MethodSource("rooms")
    void aRoomUsesOnlyThoseThatItMay(String room) {
        List<String> allowed = new ArrayList<>(ROOMS.get(room));
        allowed.add(room);
        noClasses()
                .that(areIn(room))
                .should()
                .dependOnClassesThat(DescribedPredicate.describe(
                        "are of the library, but not of " + allowed,
                        type -> isOurs(type)
                                && allowed.stream().noneMatch(each -> isIn(type, each))
                                && !isEscape(type)))
                .check(library);
    }

    private static DescribedPredicate<JavaClass> areIn(String room) {
        return DescribedPredicate.describe("are in " + room, type -> isIn(type, room));
    }

    private static boolean isOurs(JavaClass type) {
        return type.getPackageName().startsWith("io.fdnetty");
    }

    private static boolean isEscape(JavaClass type) {
        return type.getSimpleName().equals("OneLine");
    }

    private static boolean isIn(JavaClass type, String room) {
        String home = type.getPackageName();
        return switch (room) {
            case "vocabulary" -> home.equals("io.fdnetty") && VOCABULARY.contains(outermost(type));
            case "gate.bytes" ->
                outermost(type).equals("BytesHold") || outermost(type).equals("OwnHandler");
            case "move", "boundary", "channel", "fd" -> home.equals("io.fdnetty." + room);
            default -> home.equals("io.fdnetty.internal." + room);
        };
    }

    private static final Set<String> VOCABULARY = Set.of(
            "UpgradeListener",
            "UpgradeReport",
            "UpgradeException",
            "UpgradePhase",
            "UpgradeStep",
            "Role",
            "StateSection");

    private static String outermost(JavaClass arrayOrNot) {
        JavaClass type = arrayOrNot.getBaseComponentType();
        String name = type.getName().substring(type.getPackageName().length() + 1);
        int dollar = name.indexOf('$');
        return dollar < 0 ? name : name.substring(0, dollar);
    }

    @Test
    void theVocabularyUsesNothingElse() {
        noClasses()
                .that(areIn("vocabulary"))
                .should()
                .dependOnClassesThat(DescribedPredicate.describe(
                        "are of the library", type -> isOurs(type) && !isIn(type, "vocabulary") && !isEscape(type)))
                .check(library);
    }

    /** Whoever adds a room says above what it may use. */
    @Test
    void everyClassIsInARoomOrADoor() {
        classes()
                .that(DescribedPredicate.describe(
                        "are no doors", type -> !type.getPackageName().equals("io.fdnetty")))
                .should(com.tngtech.archunit.lang.conditions.ArchConditions.be(DescribedPredicate.describe(
                        "in a room", type -> ROOMS.keySet().stream().anyMatch(room -> isIn(type, room)))))
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
                .check(library);
    }

    @Test
    void classesDependOnEachOtherOnlyWhereTheyAreHalvesOfOneThing() {
        Map<String, Set<String>> uses = new TreeMap<>();
        for (JavaClass type : library) {
            for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                JavaClass target = dependency.getTargetClass().getBaseComponentType();
                if (isOurs(type) && isOurs(target) && !key(type).equals(key(target))) {
                    uses.computeIfAbsent(key(type), any -> new TreeSet<>()).add(key(target));
                }
            }
        }
        Set<Set<String>> circles = circles(uses).stream()
                .map(circle -> circle.stream()
                        .map(name -> name.substring(name.lastIndexOf('.') + 1))
                        .collect(Collectors.toSet()))
                .collect(Collectors.toSet());
        assertThat(circles).isEqualTo(Set.copyOf(CIRCLES));
    }

    private static String key(JavaClass type) {
        return type.getPackageName() + '.' + outermost(type);
    }

    /** The sets of classes that reach each other. */
    private static Collection<Set<String>> circles(Map<String, Set<String>> uses) {
        Map<String, Set<String>> reached = new TreeMap<>();
        uses.keySet().forEach(name -> reached.put(name, reach(name, uses)));
        Set<Set<String>> circles = new java.util.HashSet<>();
        for (String name : uses.keySet()) {
            Set<String> circle = reached.get(name).stream()
                    .filter(other -> reached.getOrDefault(other, Set.of()).contains(name))
                    .collect(Collectors.toCollection(TreeSet::new));
            if (circle.size() > 1) {
                circles.add(circle);
            }
        }
        return circles;
    }

    private static Set<String> reach(String from, Map<String, Set<String>> uses) {
        Set<String> seen = new TreeSet<>();
        List<String> open = new ArrayList<>(List.of(from));
        while (!open.isEmpty()) {
            for (String next : uses.getOrDefault(open.remove(open.size() - 1), Set.of())) {
                if (seen.add(next)) {
                    open.add(next);
                }
            }
        }
        return seen;
    }
}
