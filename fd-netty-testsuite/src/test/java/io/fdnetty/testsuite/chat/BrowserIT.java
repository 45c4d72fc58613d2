package io.fdnetty.testsuite.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.fdnetty.examples.process.ChildProcess;
import io.fdnetty.testsuite.process.Programs;
import io.fdnetty.testsuite.process.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.logging.Level;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** A real browser sits in the chat while the server is upgraded: by the page's button, and by a second process. */
@Tag("long")
@Timeout(300)
class BrowserIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @RegisterExtension
    final Programs programs = new Programs();

    @Test
    void thePageKeepsItsSocketThroughThreeUpgrades() throws Exception {
        ChromeOptions options = options();
        ChromeDriverService service = service();
        ChildProcess first = ChatIT.chat(programs);
        ChromeDriver browser = new ChromeDriver(service, options);
        try {
            browser.get("http://127.0.0.1:" + ChatIT.port(first) + "/?name=Ada");
            awaitGeneration(browser, 1);
            browser.executeScript("window.marker = 'not reloaded'; window.firstSocket = chat.socket;");
            say(browser, "before the first upgrade");

            browser.findElement(By.id("upgrade")).click();
            awaitGeneration(browser, 2);
            say(browser, "in generation 2");
            ChildProcess third = ChatIT.chat(programs);
            third.await("ready", LIMIT);
            awaitGeneration(browser, 3);
            say(browser, "in generation 3");
            browser.findElement(By.id("upgrade")).click();
            awaitGeneration(browser, 4);
            say(browser, "after the last upgrade");

            assertNothingNoticed(browser);
            screenshot(browser, "chat-after-three-upgrades.png");
        } finally {
            browser.quit();
        }
    }

    private static ChromeOptions options() {
        LoggingPreferences logs = new LoggingPreferences();
        logs.enable(LogType.BROWSER, Level.ALL);
        ChromeOptions options = new ChromeOptions();
        options.setBinary(
                Tools.require("chromium", "chromium-browser", "google-chrome").toFile());
        options.addArguments(
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--window-size=1280,860",
                "--hide-scrollbars");
        options.setCapability("goog:loggingPrefs", logs);
        return options;
    }

    private static ChromeDriverService service() {
        return new ChromeDriverService.Builder()
                .usingDriverExecutable(Tools.require("chromedriver").toFile())
                .usingAnyFreePort()
                .build();
    }

    private static void awaitGeneration(ChromeDriver browser, int generation) {
        await(browser, "return document.getElementById('generation').textContent === '" + generation + "'");
        await(browser, "return chat.generations.at(-1) === " + generation);
    }

    private static void say(ChromeDriver browser, String text) {
        WebElement field = browser.findElement(By.id("text"));
        field.sendKeys(text, Keys.ENTER);
        await(
                browser,
                "return [...document.querySelectorAll('.message p')].some(p => p.textContent === '" + text + "')");
    }

    /** Asks the page again and again, without a pause: each question is a round trip to the browser. */
    private static void await(ChromeDriver browser, String question) {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!Boolean.TRUE.equals(browser.executeScript(question))) {
            assertThat(System.nanoTime())
                    .as(question + "; the page says: "
                            + browser.findElement(By.tagName("body")).getText())
                    .isLessThan(deadline);
        }
    }

    private static void assertNothingNoticed(ChromeDriver browser) {
        assertThat(browser.executeScript("return window.marker")).isEqualTo("not reloaded");
        assertThat(browser.executeScript("return chat.socketsOpened")).isEqualTo(1L);
        assertThat(browser.executeScript("return chat.socket === firstSocket && chat.socket.readyState === 1"))
                .isEqualTo(true);
        assertThat(browser.executeScript("return chat.generations")).isEqualTo(List.of(1L, 2L, 3L, 4L));
        assertThat(browser.executeScript("return chat.gap")).isNull();
        assertThat(browser.executeScript("return [...document.querySelectorAll('.message p')].map(p => p.textContent)"))
                .isEqualTo(List.of(
                        "before the first upgrade", "in generation 2", "in generation 3", "after the last upgrade"));
        assertThat(browser.manage().logs().get(LogType.BROWSER).getAll()).isEmpty();
    }

    private static void screenshot(ChromeDriver browser, String name) throws IOException {
        Path directory = Files.createDirectories(Path.of("target", "screenshots"));
        Files.write(directory.resolve(name), browser.getScreenshotAs(OutputType.BYTES));
    }
}
