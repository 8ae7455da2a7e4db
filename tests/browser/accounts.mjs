// Coming in, being sent out, going.
import assert from "node:assert/strict";

import { flow } from "./flow.mjs";
import { fillIn, HOUSE, pageOf, PASSWORD, person, signIn, turnForm } from "./house.mjs";

const WRONG = {
  en: "Wrong e-mail address or password",
  uk: "Неправильна адреса електронної пошти або пароль",
  ru: "Неверный адрес электронной почты или пароль",
};

flow("a wrong password says so at the form, in the language chosen", async (open) => {
  const email = await person();
  const page = await open();
  await page.visit(HOUSE);
  for (const [language, sentence] of Object.entries(WRONG)) {
    await page.choose("[name=language]", language);
    await fillIn(page, email, "battery horse correct");
    await page.reads('account-form [data-error=""]', sentence);
    await page.reads("account-form .error", sentence);
    assert.equal(await page.evaluate(() => document.documentElement.lang), language);
  }
}, { problems: [/^401 \/auth\/login$/] });

flow("an address that has an account cannot be taken again, and the form says so", async (open) => {
  const email = await person();
  const page = await open();
  await page.visit(HOUSE);
  await turnForm(page);
  await fillIn(page, email, PASSWORD);
  await page.reads("account-form .error", "This e-mail address is taken");
}, { problems: [/^409 \/auth\/register$/] });

flow("a session that ended by itself leads to the form and back, with everything typed still there", async (open) => {
  const page = await open();
  await page.visit(HOUSE);
  const email = await person("Call Olha");
  await signIn(page, email);
  await page.click("[data-action=edit]");
  await page.fill("task-item [name=title]", "Call Olha and Ivan");
  await page.fill("task-form [name=title]", "Half written");
  await spoilToken(page);
  await page.press("Enter");
  await page.sees("account-form .reason:not(:empty)");
  assert.equal(await page.value("account-form [name=email]"), email);

  await signIn(page, email);
  assert.equal(await page.value("task-form [name=title]"), "Half written");
  assert.equal(await page.value("task-item [name=title]"), "Call Olha and Ivan");
  await page.click("[data-action=save]");
  await page.click("[data-action=add]");
  await page.reads("task-item [data-show=title]", "Half written", "Call Olha and Ivan");
}, { problems: [/^401 \/api\/v1\/tasks$/] });

flow("whoever signs in after another finds nothing of theirs", async (open) => {
  const page = await pageOf(open, "A secret");
  await page.fill("task-form [name=title]", "Half a secret");
  await spoilToken(page);
  await page.click("[data-action=delete]");
  await page.sees("account-form .reason:not(:empty)");
  await signIn(page, await person("Buy bread"));
  await page.reads("task-item [data-show=title]", "Buy bread");
  assert.equal(await page.value("task-form [name=title]"), "");
  assert.ok(!await page.evaluate(() => document.documentElement.outerHTML.includes("secret")));
}, { problems: [/^401 \/api\/v1\/tasks\/\d+$/] });

flow("signing out leaves nothing behind", async (open) => {
  const page = await pageOf(open, "A secret");
  await page.fill("task-form [name=title]", "Half a secret");
  await page.click("[data-action=sign-out]");
  await page.sees("account-form");
  assert.equal(await page.evaluate(() => sessionStorage.length), 0);
  assert.equal(await page.value("task-form [name=title]"), "");
  assert.ok(!await page.evaluate(() => document.documentElement.outerHTML.includes("secret")));
});

/** What the house gave out it no longer takes: the same to the page as a token that is too old. */
function spoilToken(page) {
  return page.evaluate(() => sessionStorage.setItem("daybook.token", `${sessionStorage.getItem("daybook.token")}x`));
}
