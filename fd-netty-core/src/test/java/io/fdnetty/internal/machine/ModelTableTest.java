package io.fdnetty.internal.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.internal.protocol.MessageType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * The model that docs/model/check proves is the machines that run: its two tables are compared with what the machines
 * decide, state for state. An event for which the model has no row is one that the machine ignores, refuses as a
 * protocol error or calls impossible; the model fails if it comes.
 */
class ModelTableTest {
    @Test
    void theModelsIncumbentDecidesWhatTheMachineDecides() throws IOException {
        ModelTable table = ModelTable.read("incumbent.pml", "I_ROW");
        Set<ModelState> states = new HashSet<>();
        for (boolean together : new boolean[] {false, true}) {
            states.addAll(new ModelComparison<>(
                            table, together, () -> ModelSides.incumbent(together), ModelSides::ofIncumbent)
                    .walk());
        }
        nothingIsLeftOver(table, states, IncumbentPhase.class);
        everyEventIsThereOrLeftOut(table, IncumbentEvent.Local.class);
    }

    @Test
    void theModelsSuccessorDecidesWhatTheMachineDecides() throws IOException {
        ModelTable table = ModelTable.read("successor.pml", "S_ROW");
        Set<ModelState> states = new HashSet<>();
        for (boolean together : new boolean[] {false, true}) {
            states.addAll(
                    new ModelComparison<>(table, together, ModelSides::successor, ModelSides::ofSuccessor).walk());
        }
        nothingIsLeftOver(table, states, SuccessorPhase.class);
        everyEventIsThereOrLeftOut(table, SuccessorEvent.Local.class);
    }

    private static void nothingIsLeftOver(ModelTable table, Set<ModelState> states, Class<?> phases) {
        assertThat(table.unused())
                .as("rows that no state of the machine reaches")
                .isEmpty();
        for (Class<?> phase : phases.getPermittedSubclasses()) {
            assertThat(states)
                    .as("phase %s", phase.getSimpleName())
                    .anyMatch(state -> state.place().phase().split("_", -1)[0].equals(phase.getSimpleName()));
        }
    }

    private static void everyEventIsThereOrLeftOut(ModelTable table, Class<?> local) {
        List<String> events = new ArrayList<>(List.of("Connected", "PeerEnded"));
        for (MessageType type : MessageType.values()) {
            events.add(type.name());
        }
        for (Class<?> event : local.getPermittedSubclasses()) {
            events.add(event.getSimpleName());
        }
        events.remove("LifelineSaid");
        assertThat(events).filteredOn(table::knows).doesNotContainAnyElementsOf(table.abstracted());
        assertThat(events)
                .filteredOn(event -> !table.knows(event))
                .containsExactlyInAnyOrderElementsOf(table.abstracted());
        assertThat(Arrays.stream(io.fdnetty.channel.Lifeline.Word.values()).map(word -> "LifelineSaid_" + word))
                .filteredOn(word -> local == SuccessorEvent.Local.class)
                .allMatch(table::knows);
    }
}
