// The page of the gateway's document: on another origin, with cookies, and without a thought of renewing.
import assert from "node:assert/strict";
import { createServer } from "node:http";

import { flow } from "./flow.mjs";
import { freshEmail, PASSWORD } from "./house.mjs";

const { BROWSER_ELSEWHERE, BROWSER_BRIEF_HOUSE } = process.env;
/** One host, two ports: another origin, but the same site, as the document has it. */
const BRIEF_HOUSE = BROWSER_BRIEF_HOUSE.replace("127.0.0.1", "localhost");

flow("a page of another origin signs in, keeps tasks, and outlives its access token", async (open) => {
  const server = createServer((_, response) => response.setHeader("Content-Type", "text/html").end("<!doctype html><title>Page</title>"));
  await new Promise((done) => server.listen(Number(BROWSER_ELSEWHERE), "127.0.0.1", done));
  try {
    const page = await open();
    await page.visit(`http://localhost:${BROWSER_ELSEWHERE}/`);
    const credentials = { email: freshEmail(), password: PASSWORD };

    // As the page does before anybody signed in: `localStorage.getItem` gave null.
    const registered = await ask(page, "POST", "/auth/register", "null", credentials);
    assert.equal(registered.status, 201);
    assert.equal((await ask(page, "GET", "/tasks", "null")).status, 401);
    const { status, body: welcome } = await ask(page, "POST", "/auth/login", "null", credentials);
    assert.deepEqual([status, welcome.user.email, welcome.token], [200, credentials.email, welcome.access_token]);
    assert.ok(!("refresh_token" in welcome), "no script of a page sees it");

    const made = await ask(page, "POST", "/tasks", welcome.token, { title: "Buy milk" });
    assert.deepEqual([made.status, made.body.id, made.body.completed], [201, made.body.ID, false]);
    const done = await ask(page, "PUT", `/tasks/${made.body.id}`, welcome.token, { completed: true });
    assert.deepEqual([done.status, done.body.completed], [200, true]);

    // The token expires; the cookie goes with the request, and the answer brings the next token.
    await expired(welcome.token);
    const listed = await ask(page, "GET", "/tasks", welcome.token);
    assert.deepEqual([listed.status, listed.body.map(({ title }) => title)], [200, ["Buy milk"]]);
    assert.ok(listed.renewed && listed.renewed !== welcome.token, "the page can read New-Access-Token");
    const gone = await ask(page, "DELETE", `/tasks/${made.body.ID}`, listed.renewed);
    assert.deepEqual([gone.status, gone.body], [204, null]);
    assert.deepEqual((await ask(page, "GET", "/tasks", listed.renewed)).body, []);

    assert.equal((await ask(page, "POST", "/auth/logout", listed.renewed)).status, 200);
    assert.equal((await ask(page, "GET", "/tasks", listed.renewed)).status, 401);
  } finally {
    server.closeAllConnections?.();
    server.close();
  }
}, { problems: [/^401 \/tasks$/] });

flow("a page of an origin that nobody allowed learns and does nothing", async (open) => {
  const server = createServer((_, response) => response.setHeader("Content-Type", "text/html").end("<!doctype html><title>Page</title>"));
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  try {
    const page = await open();
    await page.visit(`http://localhost:${server.address().port}/`);
    const refused = await page.evaluate((url) => fetch(url, { credentials: "include", headers: { Authorization: "Bearer null" } })
      .then(() => "answered", () => "refused"), `${BRIEF_HOUSE}/tasks`);
    assert.equal(refused, "refused");
  } finally {
    server.closeAllConnections?.();
    server.close();
  }
}, { problems: [/blocked by CORS policy/, /^ERR_FAILED \/tasks$/] });

/** As the page of the document asks, which has a preflight before each of these. */
function ask(page, method, path, token, body) {
  return page.evaluate(async (url, method, token, body) => {
    const headers = { "Content-Type": "application/json", Authorization: `Bearer ${token}` };
    const answer = await fetch(url, { method, headers, credentials: "include", body: body ? JSON.stringify(body) : undefined });
    const text = await answer.text();
    return { status: answer.status, body: text ? JSON.parse(text) : null, renewed: answer.headers.get("New-Access-Token") };
  }, `${BRIEF_HOUSE}${path}`, method, token, body ?? null);
}

/** Waits until the house itself, asked without the cookie, knows this token no more. */
async function expired(token) {
  for (let tries = 0; tries < 200; tries += 1) {
    const { status } = await fetch(`${BROWSER_BRIEF_HOUSE}/tasks`, { headers: { Authorization: `Bearer ${token}` } });
    if (status === 401) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error("the token does not expire");
}
