// The whole of the pages without a mouse.
import { flow } from "./flow.mjs";
import { freshEmail, HOUSE, PASSWORD, signIn } from "./house.mjs";

const TITLES = "task-item [data-show=title]";

flow("a person signs up, keeps tasks and finds all of them again, by keyboard alone", async (open) => {
  const email = freshEmail();
  const page = await open();
  await page.visit(HOUSE);
  await signUp(page, email);
  await writeDown(page, "Water the plants");
  await writeDown(page, "Call Olha");
  await writeDown(page, "Buy bread");
  await page.reads(TITLES, "Buy bread", "Call Olha", "Water the plants");

  await complete(page, "Water the plants");
  await rename(page, "Call Olha", "Call Olha and Ivan");
  await deleteAndUndo(page, "Buy bread");
  await page.reads(TITLES, "Buy bread", "Call Olha and Ivan", "Water the plants");

  await page.reload();
  await findsAll(page);
  const elsewhere = await open();
  await elsewhere.visit(HOUSE);
  await signIn(elsewhere, email);
  await findsAll(elsewhere);
});

async function signUp(page, email) {
  await page.sees("account-form");
  await page.tabTo("[data-action=switch]");
  await page.press("Enter");
  await page.tabTo("account-form [name=name]");
  await page.type("Anna");
  await page.tabTo("account-form [name=email]");
  await page.type(email);
  await page.tabTo("account-form [name=password]");
  await page.type(PASSWORD);
  await page.press("Enter");
  await page.sees('task-list[state="loaded"]');
  await page.tabTo("task-form [name=title]");
}

/** The field keeps the keyboard, so that one task can follow another. */
async function writeDown(page, title) {
  await page.until(() => document.activeElement.matches("task-form [name=title]"));
  await page.type(title);
  await page.press("Enter");
  await page.until((words) => document.querySelector("task-item [data-show=title]")?.textContent === words, title);
}

async function complete(page, title) {
  await goTo(page, title, "[name=completed]");
  await page.press("Space");
  // It is shown at once; the house has agreed when the task itself says so.
  await page.until(() => document.querySelector("task-item[done]")?.task.completed);
}

async function rename(page, title, other) {
  await goTo(page, title, "[data-action=edit]");
  await page.press("Enter");
  await page.until(() => document.activeElement.matches("task-item [name=title]"));
  await page.press("Control+A");
  await page.type(other);
  await page.press("Enter");
  await page.until((words) => document.activeElement.matches("[data-action=edit]")
    && document.activeElement.querySelector("[data-show=title]").textContent === words, other);
}

async function deleteAndUndo(page, title) {
  await goTo(page, title, "[data-action=delete]");
  await page.press("Enter");
  await page.sees("notice-bar [data-action=act]");
  await page.reads(TITLES, "Call Olha and Ivan", "Water the plants");
  await page.tabTo("notice-bar [data-action=act]");
  await page.press("Enter");
}

/** To this part of the row with this title. */
async function goTo(page, title, part) {
  for (let rows = 0; rows < 10; rows++) {
    await page.tabTo(`task-item ${part}`);
    const here = () => document.activeElement.closest("task-item").querySelector("[data-show=title]").textContent;
    if (await page.evaluate(here) === title) return;
  }
  throw new Error(`the Tab key does not lead to "${title}"`);
}

async function findsAll(page) {
  await page.reads(TITLES, "Buy bread", "Call Olha and Ivan");
  await page.tabTo('task-views [href="#done"]');
  await page.press("Enter");
  await page.sees('task-list[state="loaded"][view="done"]');
  await page.reads(TITLES, "Water the plants");
}
