// Coming in, being sent out, going.
import assert from "node:assert/strict";

import { flow } from "./flow.mjs";
import { fillIn, HOUSE, pageOf, PASSWORD, person, signIn, turnForm } from "./house.mjs";

const WRONG = {
  en: "Wrong login or password",
  uk: "Неправильний логін або пароль",
  ru: "Неверный логин или пароль",
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
  await endElsewhere(page);
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
  await endElsewhere(page);
  await page.click("[data-action=delete]");
  await page.sees("account-form .reason:not(:empty)");
  await signIn(page, await person("Buy bread"));
  await page.reads("task-item [data-show=title]", "Buy bread");
  assert.equal(await page.value("task-form [name=title]"), "");
  assert.ok(!await page.evaluate(() => document.documentElement.outerHTML.includes("secret")));
}, { problems: [/^401 \/api\/v1\/tasks\/\d+$/] });

flow("a token that is too old is renewed in passing, and another tab is signed in too", async (open) => {
  const page = await pageOf(open, "Milk");
  await spoilToken(page);
  await page.fill("task-form [name=title]", "Bread");
  await page.click("[data-action=add]");
  await page.reads("task-item [data-show=title]", "Bread", "Milk");
  assert.ok(await page.evaluate(() => !sessionStorage.getItem("daybook.token").endsWith("x")));
  await page.evaluate(() => sessionStorage.clear());
  await page.visit(HOUSE);
  await page.reads("task-item [data-show=title]", "Bread", "Milk");
});

flow("signing out leaves nothing behind, also in the house", async (open) => {
  const page = await pageOf(open, "A secret");
  await page.fill("task-form [name=title]", "Half a secret");
  const token = await page.evaluate(() => sessionStorage.getItem("daybook.token"));
  await page.click("[data-action=sign-out]");
  const me = () => fetch(`${HOUSE}/api/v1/me`, { headers: { Authorization: `Bearer ${token}` } });
  for (let tries = 0; (await me()).status !== 401; tries += 1) {
    assert.ok(tries < 50, "the session goes on");
    await new Promise((done) => setTimeout(done, 100));
  }
  await page.sees("account-form");
  assert.equal(await page.evaluate(() => sessionStorage.length), 0);
  assert.equal(await page.value("task-form [name=title]"), "");
  assert.ok(!await page.evaluate(() => document.documentElement.outerHTML.includes("secret")));
});

/** Somebody ended the session elsewhere. */
function endElsewhere(page) {
  return page.evaluate(async () => {
    const headers = { Authorization: `Bearer ${sessionStorage.getItem("daybook.token")}` };
    await fetch("/auth/logout", { method: "POST", headers });
  });
}

/** The house no longer takes this token, as it takes none that is too old. */
function spoilToken(page) {
  return page.evaluate(() => sessionStorage.setItem("daybook.token", `${sessionStorage.getItem("daybook.token")}x`));
}
