package io.fdnetty.internal.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OwnPortsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=5005",
                "-agentlib:jdwp=transport=dt_socket,server=y,address=*:5005,suspend=n",
                "-Xrunjdwp:transport=dt_socket,address=8000,server=y",
                "-Dcom.sun.management.jmxremote.port=9010",
                "-Dcom.sun.management.jmxremote.rmi.port=9011",
                "-javaagent:/opt/jmx_prometheus_javaagent.jar=12345:/etc/config.yaml",
            })
    void aFlagThatOpensAPortIsFound(String flag) {
        assertThat(OwnPorts.in(List.of("java", "-Xmx1g", flag, "Main"), Map.of()))
                .containsExactly(flag);
        assertThat(OwnPorts.in(List.of("java"), Map.of("JAVA_TOOL_OPTIONS", "-Xmx1g " + flag)))
                .containsExactly(flag);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-agentlib:jdwp=transport=dt_socket,server=y,address=*:0",
                "-agentlib:jdwp=transport=dt_socket,server=y",
                "-Dcom.sun.management.jmxremote.port=0",
                "-Dcom.sun.management.jmxremote.ssl=false",
                "-javaagent:/opt/agent-1.2.jar",
                "--port=8080",
            })
    void aFlagThatOpensNoneOrAFreeOneIsNot(String flag) {
        assertThat(OwnPorts.in(List.of("java", flag, "Main"), Map.of())).isEmpty();
    }

    @Test
    void aCommandWithoutAnySaysNothing() {
        assertThat(OwnPorts.hint(new ProcessBuilder("false"))).isEmpty();
    }
}
