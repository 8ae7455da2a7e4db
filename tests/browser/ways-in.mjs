// Coming in without a password, with a new one, by a provider, and first of all.
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { createServer } from "node:http";

import { flow } from "./flow.mjs";
import { fillIn, HOUSE, PASSWORD, person } from "./house.mjs";

const { BROWSER_DATA, BROWSER_LINK, BROWSER_PROVIDER, BROWSER_STRICT_HOUSE } = process.env;
const OTHER = "another horse battery";
const ADDRESSES = "account-form [name=email]";

flow("a person signs in by a code that was sent to them", async (open) => {
  const email = await person("Water the plants");
  const page = await open();
  await page.visit(HOUSE);
  await page.click("[href='#code']");
  await page.reads("account-form h1", "Sign in with a code");
  await page.fill(ADDRESSES, email);
  await page.click("[data-action=submit]");
  await page.sees("account-form [name=code]");
  await page.until(() => document.activeElement.name === "code");
  await page.type("000000");
  await page.press("Enter");
  await page.sees("[data-error=code]:not(:empty)");
  await page.fill("account-form [name=code]", await codeFor(email));
  await page.press("Enter");
  await page.reads("task-item [data-show=title]", "Water the plants");
  assert.equal(await page.evaluate(() => location.pathname), "/");
}, { problems: [/^422 \/auth\/login-code$/] });

flow("a person who forgot their password sets a new one by a code", async (open) => {
  const email = await person("Call Olha");
  const page = await open();
  await page.visit(HOUSE);
  await page.click("[href='#forgotten']");
  await page.fill(ADDRESSES, email);
  await page.press("Enter");
  await page.sees("account-form [name=code]");
  await page.type(await codeFor(email));
  await page.fill("account-form [name=password]", "short");
  await page.press("Enter");
  await page.sees("[data-error=password]:not(:empty)");
  await page.fill("account-form [name=password]", OTHER);
  await page.press("Enter");
  await page.reads("task-item [data-show=title]", "Call Olha");
  await page.click("[data-action=sign-out]");
  await fillIn(page, email, PASSWORD);
  await page.sees('account-form [data-error=""]:not(:empty)');
  await fillIn(page, email, OTHER);
  await page.reads("task-item [data-show=title]", "Call Olha");
}, { problems: [/^422 \/auth\/confirm-reset-password$/, /^401 \/auth\/login$/] });

flow("where addresses are proved, a person who signs up is sent a code and goes on in the same form", async (open) => {
  const page = await open();
  await page.visit(`${BROWSER_STRICT_HOUSE}/#sign-up`);
  await page.fill("account-form [name=name]", "Olha");
  await fillIn(page, "olha@example.org", PASSWORD);
  await page.sees("account-form [name=code]");
  await page.until(() => document.activeElement.name === "code");
  await page.type("12345");
  await page.press("Enter");
  await page.sees("[data-error=code]:not(:empty)");
  await page.fill("account-form [name=code]", await codeFor("olha@example.org", "strict"));
  await page.press("Enter");
  await page.sees('task-list[state="loaded"]');
}, { problems: [/^422 \/auth\/register$/] });

flow("a form for codes looks the same to whoever has no account", async (open) => {
  const page = await open();
  for (const way of ["#code", "#forgotten"]) {
    await page.visit(`${HOUSE}/?${way.slice(1)}${way}`);
    await page.fill(ADDRESSES, `nobody-${way.slice(1)}@example.org`);
    await page.press("Enter");
    await page.reads("account-form .reason", "If this address can be reached, a code is on its way there.");
  }
});

flow("whoever opens the link of a new house runs it, and the link is good once", async (open) => {
  const page = await open();
  await page.visit(BROWSER_LINK);
  await page.reads("account-form h1", "Run this house");
  await fillIn(page, "boss@example.org", PASSWORD);
  await page.sees('task-list[state="loaded"]');
  const role = await page.evaluate(async () => {
    const headers = { Authorization: `Bearer ${sessionStorage.getItem("daybook.token")}` };
    return (await (await fetch("/api/v1/me", { headers })).json()).role;
  });
  assert.equal(role, "admin");
  assert.ok(!await page.evaluate(() => location.href.includes("administrator")));

  const late = await open();
  await late.visit(BROWSER_LINK);
  await fillIn(late, "eve@example.org", PASSWORD);
  await late.sees('account-form [data-error=""]:not(:empty)');
}, { problems: [/^403 \/api\/v1\/first-administrator$/] });

flow("a person signs in with a provider, or says no there and is told so", async (open) => {
  const provider = await yandex();
  try {
    const page = await open();
    await page.visit(HOUSE);
    await page.reads("login-providers a", "Continue with Yandex");
    provider.allows = false;
    await page.click("login-providers a");
    await page.sees("login-providers .error:not(:empty)");
    await page.reads("login-providers .error", "You did not allow it there, so nobody was signed in.");
    assert.equal(await page.evaluate(() => location.pathname + location.search), "/app/");
    provider.allows = true;
    await page.click("login-providers a");
    await page.sees('task-list[state="loaded"]');
    await page.reads("[data-show=user]", "olha@yandex.ru");
  } finally {
    provider.close();
  }
});

/** The code in the newest letter to this address, once there is one. */
async function codeFor(email, house = "usual") {
  const folder = `${BROWSER_DATA}/${house}/data/outbox`;
  for (let tries = 0; tries < 200; tries += 1) {
    const names = await readdir(folder).catch(() => []);
    const texts = names.filter((name) => name.endsWith(".txt")).sort().map((name) => readFile(`${folder}/${name}`, "utf8"));
    const letter = (await Promise.all(texts)).findLast((text) => text.startsWith(`To: ${email}\n`));
    if (letter) return /^\d{6}$/m.exec(letter)[0];
    await new Promise((done) => setTimeout(done, 25));
  }
  throw new Error(`no letter came to ${email}`);
}

/** As much of Yandex as a browser and the house see of it. */
async function yandex() {
  const provider = { allows: true };
  const answer = (response, body) => response.setHeader("Content-Type", "application/json").end(JSON.stringify(body));
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url, "http://localhost");
    if (pathname === "/token") return answer(response, { access_token: "word" });
    if (pathname === "/info") return answer(response, { id: "7", client_id: "house", default_email: "olha@yandex.ru" });
    const back = new URL(searchParams.get("redirect_uri"));
    back.searchParams.set("state", searchParams.get("state"));
    back.searchParams.set(...(provider.allows ? ["code", "secret"] : ["error", "access_denied"]));
    response.writeHead(302, { Location: back.href }).end();
  });
  await new Promise((done) => server.listen(Number(BROWSER_PROVIDER), "127.0.0.1", done));
  provider.close = () => server.closeAllConnections?.() || server.close();
  return provider;
}
