// Which tasks: `#open` and `#done` in the address, so that the browser's own back and forward work.
const VIEWS = { "": "open", "#open": "open", "#done": "done" };

export function isView() {
  return location.hash in VIEWS;
}

export function view() {
  return VIEWS[location.hash] ?? "open";
}

class TaskViews extends HTMLElement {
  #gone;

  connectedCallback() {
    this.#gone = new AbortController();
    window.addEventListener("hashchange", () => this.#show(), { signal: this.#gone.signal });
    this.#show();
  }

  disconnectedCallback() {
    this.#gone.abort();
  }

  #show() {
    for (const link of this.querySelectorAll("a")) {
      if (link.hash === `#${view()}`) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }
}

customElements.define("task-views", TaskViews);
