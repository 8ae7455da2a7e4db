// A test with pages of its own, on which nothing may go wrong that it did not say would.
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { after, test } from "node:test";

import { Chromium } from "./chromium.mjs";

const { BROWSER_PROGRAM, BROWSER_PROFILE, BROWSER_PICTURES } = process.env;
const LONGEST_MS = 20_000;

const chromium = new Chromium(BROWSER_PROGRAM, BROWSER_PROFILE);
after(() => chromium.close());

/** `run` gets a function that opens a page; `problems` are the browser's complaints that belong to the story. */
export function flow(sentence, run, { problems = [] } = {}) {
  test(sentence, { timeout: LONGEST_MS }, async () => {
    const pages = [];
    const open = async () => {
      const page = await chromium.open();
      pages.push(page);
      return page;
    };
    try {
      await run(open);
      compare(pages.flatMap((page) => page.problems), problems);
    } catch (failure) {
      await keepPictures(sentence, pages);
      throw failure;
    } finally {
      await Promise.all(pages.map((page) => page.close()));
    }
  });
}

/** Each complaint is one that was expected, and each that was expected came. */
function compare(seen, expected) {
  const same = seen.every((words) => expected.some((pattern) => pattern.test(words)))
    && expected.every((pattern) => seen.some((words) => pattern.test(words)));
  assert.ok(same, `the browser complained: ${JSON.stringify(seen)}, expected: ${expected.join(" ")}`);
}

async function keepPictures(sentence, pages) {
  await mkdir(BROWSER_PICTURES, { recursive: true });
  for (const [number, page] of pages.entries()) {
    const file = `${BROWSER_PICTURES}/${sentence.replaceAll(/\W+/g, "-")}-${number + 1}.png`;
    await writeFile(file, await page.picture());
    console.error(`${sentence}: ${file}`, page.problems);
  }
}
