// The list of tasks, where it could go wrong.
import assert from "node:assert/strict";

import { flow } from "./flow.mjs";
import { pageOf } from "./house.mjs";

const TITLES = "task-item [data-show=title]";
const MARKUP = '<img src=x onerror="document.title = 1"><script>document.title = 2</script>';

flow("a title too long is refused at its field, in Ukrainian", async (open) => {
  const page = await pageOf(open);
  await page.choose("[name=language]", "uk");
  await page.fill("task-form [name=title]", "ї".repeat(501));
  await page.click("[data-action=add]");
  await page.reads("task-form .error", "тут може бути не більше 500 символів");
  const marked = () => document.activeElement.matches("task-form [name=title][aria-invalid=true]");
  assert.ok(await page.evaluate(marked));
  assert.equal((await page.value("task-form [name=title]")).length, 501);
}, { problems: [/^422 \/api\/v1\/tasks$/] });

flow("sixty tasks come in pages, each task once", async (open) => {
  const titles = Array.from({ length: 60 }, (_, number) => `Task ${number + 1}`);
  const page = await pageOf(open, ...titles);
  titles.reverse();
  await page.reads(TITLES, ...titles.slice(0, 50));
  await page.click("[data-action=more]");
  await page.reads(TITLES, ...titles);
  await page.reads("[data-action=more]");
});

flow("markup in a task is text", async (open) => {
  const page = await pageOf(open, MARKUP);
  await page.reads(TITLES, MARKUP);
  await page.click("[data-action=edit]");
  assert.equal(await page.value("task-item [name=title]"), MARKUP);
  await page.fill("task-item [name=note]", MARKUP);
  await page.click("[data-action=save]");
  await page.reads("task-item [data-show=note]", MARKUP);
  assert.equal(await page.evaluate(() => document.querySelectorAll("task-item :is(img, script)").length), 0);
  assert.equal(await page.evaluate(() => document.title), "Daybook");
});

flow("a script that got into the page does not run, and the browser says so", async (open) => {
  const page = await pageOf(open);
  await page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "document.title = 'taken over'";
    document.body.append(script);
  });
  assert.equal(await page.evaluate(() => document.title), "Daybook");
}, { problems: [/Content Security Policy/] });

flow("without a network a change is taken back, and the page comes back to life with it", async (open) => {
  const page = await pageOf(open, "Buy bread");
  await connect(page, false);
  await page.sees("connection-note[offline]");
  await page.click("task-item [name=completed]");
  await page.sees("notice-bar [role=alert]:not(:empty)");
  assert.equal(await page.evaluate(() => document.querySelector("task-item [name=completed]").checked), false);
  await page.click('task-views [href="#done"]');
  await page.sees('task-list[state="failed"] [data-action=retry]');
  await connect(page, true);
  await page.sees('task-list[state="loaded"][view="done"] .empty.done');
}, { problems: [/^ERR_INTERNET_DISCONNECTED /] });

async function connect(page, online) {
  await page.call("Network.enable");
  const unlimited = { latency: 0, downloadThroughput: -1, uploadThroughput: -1 };
  await page.call("Network.emulateNetworkConditions", { offline: !online, ...unlimited });
}
