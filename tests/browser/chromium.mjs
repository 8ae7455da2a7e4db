// A headless Chromium, spoken to over the DevTools protocol: JSON between zero bytes, on two pipes.
import { spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";

import { Page } from "./page.mjs";

const FLAGS = [
  "--headless", "--remote-debugging-pipe", "--lang=en-US", "--no-first-run", "--disable-gpu", "--in-process-gpu",
  // Nothing but the house is asked for anything.
  "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-default-browser-check",
  // Containers often give /dev/shm too little room.
  "--disable-dev-shm-usage",
  // Its sandbox refuses to be set up by root.
  ...(process.getuid() === 0 ? ["--no-sandbox"] : []),
];

export class Chromium {
  #process;
  #ended;
  #calls = 0;
  #answers = new Map();
  #events = new EventEmitter();

  /** `profile` is a folder that it may fill. */
  constructor(program, profile) {
    const stdio = ["ignore", "ignore", "ignore", "pipe", "pipe"];
    this.#process = spawn(program, [...FLAGS, `--user-data-dir=${profile}`], { stdio });
    this.#process.on("error", (error) => this.#refuse(error));
    this.#process.on("exit", (code) => this.#refuse(new Error(`Chromium ended with ${code}`)));
    this.#process.stdio[3].on("error", (error) => this.#refuse(error));
    let rest = "";
    this.#process.stdio[4].setEncoding("utf8").on("data", (chunk) => {
      const messages = (rest + chunk).split("\0");
      rest = messages.pop();
      messages.forEach((message) => this.#receive(JSON.parse(message)));
    });
  }

  /** Calls a method of the browser, or of the page that the session is attached to. */
  call(method, params, sessionId) {
    if (this.#ended) return Promise.reject(this.#ended);
    const id = ++this.#calls;
    return new Promise((resolve, reject) => {
      this.#answers.set(id, { method, resolve, reject });
      this.#process.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  }

  /** A page that shares nothing with the others: no storage, no cookies, no cache. */
  async open() {
    const { browserContextId } = await this.call("Target.createBrowserContext");
    const { targetId } = await this.call("Target.createTarget", { url: "about:blank", browserContextId });
    const { sessionId } = await this.call("Target.attachToTarget", { targetId, flatten: true });
    const page = new Page({
      call: (method, params) => this.call(method, params, sessionId),
      listen: (listener) => this.#events.on(sessionId, listener),
      close: () => this.call("Target.disposeBrowserContext", { browserContextId }),
    });
    await page.prepare();
    return page;
  }

  async close() {
    if (this.#process.exitCode !== null) return;
    const gone = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await gone;
  }

  #receive({ id, error, result, sessionId, method, params }) {
    if (!id) return this.#events.emit(sessionId, { method, params });
    const answer = this.#answers.get(id);
    this.#answers.delete(id);
    if (error) answer.reject(new Error(`${answer.method}: ${error.message}`));
    else answer.resolve(result);
  }

  #refuse(error) {
    this.#ended = error;
    for (const { reject } of this.#answers.values()) reject(error);
    this.#answers.clear();
  }
}
