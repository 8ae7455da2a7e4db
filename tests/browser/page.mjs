// One page as a person has it: what can be seen, typed, pressed and clicked. Selectors name the first match that is seen.
import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";

import { press } from "./keyboard.mjs";

const PATIENCE_MS = 5_000;
const GLANCE_MS = 15;

export class Page {
  /** What the console, the network and the Content-Security-Policy had to complain about. */
  problems = [];
  #session;
  #loaded = () => {};

  constructor(session) {
    this.#session = session;
  }

  async prepare() {
    this.#session.listen((event) => this.#notice(event));
    await Promise.all(["Page", "Runtime", "Log"].map((domain) => this.call(`${domain}.enable`)));
    await this.call("Emulation.setFocusEmulationEnabled", { enabled: true });
  }

  call(method, params) { return this.#session.call(method, params); }
  close() { return this.#session.close(); }

  visit(url) { return this.#load("Page.navigate", { url }); }
  reload() { return this.#load("Page.reload"); }
  resize(width, height) {
    return this.call("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: true });
  }

  /** Runs a function in the page; what it takes and gives must be JSON. */
  async evaluate(run, ...values) {
    const expression = `(${run})(...${JSON.stringify(values)})`;
    const asked = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await this.call("Runtime.evaluate", asked);
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  /** Waits until a function in the page says yes. */
  async until(run, ...values) {
    const cameTrue = await patiently(() => this.evaluate(run, ...values));
    assert.ok(cameTrue, `never came true: (${run})(${values.map((value) => JSON.stringify(value))})`);
  }

  sees(selector) {
    const anySeen = (wanted) => [...document.querySelectorAll(wanted)].some((element) => element.checkVisibility());
    return this.until(anySeen, selector);
  }

  /** Waits until what can be seen of these elements has these texts, in this order. */
  async reads(selector, ...texts) {
    let seen;
    await patiently(async () => {
      seen = await this.evaluate((wanted) => [...document.querySelectorAll(wanted)]
        .filter((element) => element.checkVisibility()).map((element) => element.textContent.trim()), selector);
      return isDeepStrictEqual(seen, texts);
    });
    assert.deepEqual({ [selector]: seen }, { [selector]: texts });
  }

  value(selector) { return this.evaluate((wanted) => document.querySelector(wanted).value, selector); }

  /** With the mouse, at the middle of it: what is covered or out of sight cannot be clicked. */
  async click(selector) {
    await this.sees(selector);
    const at = await this.evaluate((wanted) => {
      const target = [...document.querySelectorAll(wanted)].find((element) => element.checkVisibility());
      target.scrollIntoView({ block: "center", behavior: "instant" });
      const { x, y, width, height } = target.getBoundingClientRect();
      const middle = { x: x + width / 2, y: y + height / 2 };
      const hit = document.elementFromPoint(middle.x, middle.y);
      return { ...middle, covered: !target.contains(hit) && !hit?.closest("label")?.contains(target) };
    }, selector);
    assert.ok(!at.covered, `something lies over ${selector}`);
    const event = { x: at.x, y: at.y, button: "left", clickCount: 1 };
    const types = ["mousePressed", "mouseReleased"];
    await Promise.all(types.map((type) => this.call("Input.dispatchMouseEvent", { type, ...event })));
  }

  /** Replaces what a field holds. */
  async fill(selector, text) {
    await this.click(selector);
    await this.press("Control+A");
    await this.type(text);
  }

  /** Types where the keyboard is. */
  type(text) { return this.call("Input.insertText", { text }); }
  press(key) { return press(this, key); }

  /** Goes on with the Tab key until the keyboard is there. */
  async tabTo(selector) {
    for (let steps = 0; steps < 40; steps++) {
      await this.press("Tab");
      if (await this.evaluate((wanted) => document.activeElement.matches(wanted), selector)) return;
    }
    throw new Error(`the Tab key does not lead to ${selector}`);
  }

  async choose(selector, value) {
    await this.evaluate((wanted, chosen) => {
      const select = document.querySelector(wanted);
      select.value = chosen;
      select.dispatchEvent(new Event("change", { bubbles: true }));
    }, selector, value);
  }

  async picture() {
    const { data } = await this.call("Page.captureScreenshot", { format: "png" });
    return Buffer.from(data, "base64");
  }

  async #load(method, params) {
    const loaded = new Promise((resolve) => { this.#loaded = resolve; });
    await this.call(method, params);
    await loaded;
  }

  #notice({ method, params }) {
    if (method === "Page.loadEventFired") this.#loaded();
    if (method === "Runtime.exceptionThrown") {
      const { exception, text } = params.exceptionDetails;
      this.problems.push(exception?.description ?? text);
    }
    if (method === "Runtime.consoleAPICalled" && ["error", "warning", "assert"].includes(params.type)) {
      this.problems.push(params.args.map(({ value, description }) => value ?? description).join(" "));
    }
    if (method === "Log.entryAdded") this.problems.push(wordsOf(params.entry));
  }
}

async function patiently(look) {
  const end = performance.now() + PATIENCE_MS;
  while (!await look()) {
    if (performance.now() > end) return false;
    await new Promise((resolve) => setTimeout(resolve, GLANCE_MS));
  }
  return true;
}

/** An answer that is no success becomes "401 /auth/login", and one that did not come "ERR_… /auth/login". */
function wordsOf({ source, text, url }) {
  const reason = /status of (\d+)|net::(ERR_\w+)/.exec(text);
  return source === "network" && reason ? `${reason[1] ?? reason[2]} ${new URL(url).pathname}` : text;
}
