// A sentence at the foot of the page, sometimes with something to do about it.
import { say } from "./language.js";

const SHOWN_MS = 10_000;

/** Tells of a failure that has no place of its own. */
export function complain(failure) {
  if (!failure.silent) notify({ message: failure.message });
}

/** `{key}` is news, `{message}` a failure; `action: {key, run}` adds a button. */
export function notify(notice) {
  document.dispatchEvent(new CustomEvent("notice", { detail: notice }));
}

class NoticeBar extends HTMLElement {
  #gone;
  #timer;
  #run;

  connectedCallback() {
    this.#gone = new AbortController();
    const { signal } = this.#gone;
    document.addEventListener("notice", ({ detail }) => this.#show(detail), { signal });
    this.#button.addEventListener("click", () => this.#act(), { signal });
  }

  disconnectedCallback() {
    this.#gone.abort();
    clearTimeout(this.#timer);
  }

  #show({ key, message = "", action }) {
    say(this.querySelector("[role=status]"), key);
    this.querySelector("[role=alert]").textContent = message;
    this.#run = action?.run;
    this.#button.hidden = !action;
    say(this.#button, action?.key);
    this.toggleAttribute("open", Boolean(key || message));
    this.#wait();
  }

  /** Nothing vanishes from under a pointer or the keyboard. */
  #wait() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.matches(":hover, :focus-within")) this.#wait();
      else this.#show({});
    }, SHOWN_MS);
  }

  #act() {
    const run = this.#run;
    this.#show({});
    run();
  }

  get #button() { return this.querySelector("button"); }
}

customElements.define("notice-bar", NoticeBar);
