// The running house: its address, people in it, and what they do there with little to tell about it.
import assert from "node:assert/strict";

export const HOUSE = process.env.BROWSER_HOUSE;
export const PASSWORD = "correct horse battery";

let people = 0;

/** An e-mail address that nobody has yet. */
export function freshEmail() {
  return `person-${++people}@example.org`;
}

/** Somebody with an account and these tasks, the last one on top; made without a page, which others test. */
export async function person(...titles) {
  const email = freshEmail();
  await ask("/auth/register", { email, password: PASSWORD });
  const { access_token: token } = await ask("/auth/login", { email, password: PASSWORD });
  for (const title of titles) await ask("/api/v1/tasks", { title }, { Authorization: `Bearer ${token}` });
  return email;
}

async function ask(path, body, headers) {
  const answer = await fetch(HOUSE + path, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  assert.ok(answer.ok, `${path}: ${answer.status}`);
  return answer.json();
}

/** From signing in to signing up, or back. The form changes its shape only after the click. */
export async function turnForm(page) {
  const shape = () => document.querySelector("[data-action=switch]").hash;
  const before = await page.evaluate(shape);
  await page.click("[data-action=switch]");
  await page.until((hash) => document.querySelector("[data-action=switch]").hash !== hash, before);
}

/** Fills in the form that is shown, and waits for the tasks. */
export async function signIn(page, email) {
  await fillIn(page, email, PASSWORD);
  await page.sees('task-list[state="loaded"]');
}

export async function fillIn(page, email, password) {
  await page.fill("account-form [name=email]", email);
  await page.fill("account-form [name=password]", password);
  await page.click("account-form [data-action=submit]");
}

/** The page of somebody with these tasks. */
export async function pageOf(open, ...titles) {
  const page = await open();
  await page.visit(HOUSE);
  await signIn(page, await person(...titles));
  return page;
}
