package io.fdnetty.testkit;

import static java.util.Objects.requireNonNull;

import io.fdnetty.UpgraderBuilder;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Gives each test of a JUnit 5 class a server that it can upgrade, and closes it afterwards, with its check for leaks:
 *
 * <pre>{@code
 * @RegisterExtension
 * final UpgradeExtension<MyServer> server = UpgradeExtension.of(MyServer::start);
 * }</pre>
 *
 * @param <S> the author's server
 */
public final class UpgradeExtension<S extends AutoCloseable> implements BeforeEachCallback, AfterEachCallback {
    private final UnaryOperator<UpgraderBuilder> settings;
    private final ServerStarter<S> starter;
    private @Nullable TestUpgrade<S> upgrade;

    private UpgradeExtension(UnaryOperator<UpgraderBuilder> settings, ServerStarter<S> starter) {
        this.settings = settings;
        this.starter = starter;
    }

    /** With the parameter of {@link TestUpgrade#start(ServerStarter)}. */
    public static <S extends AutoCloseable> UpgradeExtension<S> of(ServerStarter<S> starter) {
        return of(UnaryOperator.identity(), starter);
    }

    /** With the parameters of {@link TestUpgrade#start(UnaryOperator, ServerStarter)}. */
    public static <S extends AutoCloseable> UpgradeExtension<S> of(
            UnaryOperator<UpgraderBuilder> settings, ServerStarter<S> starter) {
        return new UpgradeExtension<>(settings, starter);
    }

    @Override
    public void beforeEach(ExtensionContext context) throws Exception {
        upgrade = TestUpgrade.start(settings, starter);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        if (upgrade != null) {
            upgrade.close();
            upgrade = null;
        }
    }

    /** The server and its upgrades, in a test. */
    public TestUpgrade<S> get() {
        return requireNonNull(upgrade, "no test is running");
    }
}
