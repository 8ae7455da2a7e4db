// The narrowest phone.
import assert from "node:assert/strict";

import { flow } from "./flow.mjs";
import { HOUSE, person, signIn, turnForm } from "./house.mjs";

const WIDTH = 320;
const LANGUAGES = ["en", "uk", "ru"];

flow("nothing scrolls sideways at 320 pixels, in any language", async (open) => {
  const page = await open();
  await page.resize(WIDTH, 640);
  await page.visit(HOUSE);
  await fits(page, "signing in");
  await turnForm(page);
  await page.click("[data-action=submit]");
  await page.sees("[data-error=email]:not(:empty)");
  await fits(page, "signing up, with errors");
  await turnForm(page);
  for (const shape of ["code", "code-sent", "forgotten", "new-password", "administrator"]) {
    await page.evaluate((hash) => { location.hash = hash; }, shape);
    await page.sees("account-form [data-action=submit]");
    await fits(page, shape);
  }
  await page.evaluate(() => { location.hash = ""; });

  await signIn(page, await person("W".repeat(500), "Buy bread", "Buy milk"));
  await fits(page, "the list");
  await page.click("[data-action=edit]");
  await page.click("[data-action=note]");
  await fits(page, "both forms");
  await page.click("task-item [data-action=cancel]");
  await page.click("[data-action=delete]");
  await page.sees("notice-bar [data-action=act]");
  await fits(page, "the notice");
});

/** Neither the page nor anything on it is wider than the screen. */
async function fits(page, where) {
  for (const language of LANGUAGES) {
    await page.choose("[name=language]", language);
    const wide = await page.evaluate((width) => [...document.querySelectorAll("*")]
      .filter((element) => element.checkVisibility() && element.getBoundingClientRect().right > width)
      .map((element) => element.outerHTML.slice(0, 80)), WIDTH);
    assert.deepEqual(wide, [], `${where}, in ${language}`);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), WIDTH, `${where}, in ${language}`);
  }
}
