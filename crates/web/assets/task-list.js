// A person's tasks: `owner` says whose, the address says which.
import { tasks } from "./api.js";
import { complain, notify } from "./notice-bar.js";
import "./task-form.js";
import { TaskItem } from "./task-item.js";
import { isView, view } from "./task-views.js";

class TaskList extends HTMLElement {
  static observedAttributes = ["owner"];

  #gone;
  #loading;

  connectedCallback() {
    this.#gone = new AbortController();
    const { signal } = this.#gone;
    this.addEventListener("task-added", ({ detail }) => this.#rows.prepend(TaskItem.of(detail)), { signal });
    this.addEventListener("task-hidden", ({ target }) => this.#leave(target), { signal });
    this.addEventListener("task-deleted", ({ target }) => this.#offerUndo(target), { signal });
    this.#more.addEventListener("click", () => this.#load(this.#more.value), { signal });
    this.querySelector("[data-action=retry]").addEventListener("click", () => this.#load(this.#more.value), { signal });
    window.addEventListener("online", () => this.#shown && this.#state === "failed" && this.#load(this.#more.value), { signal });
    window.addEventListener("hashchange", () => this.#shown && isView() && this.#load(), { signal });
  }

  disconnectedCallback() {
    this.#gone.abort();
    this.#loading?.abort();
  }

  /** Another person gets clean pages; the same one, back from an expired session, finds them as they were left. */
  attributeChangedCallback(_name, before, owner) {
    if (before === owner) {
      if (this.getAttribute("view") !== view()) this.#load();
      else if (this.#state !== "loaded") this.#load(this.#more.value);
      return;
    }
    this.querySelector("task-form").clear();
    this.#rows.replaceChildren();
    if (owner === null) this.#loading?.abort();
    else this.#load();
  }

  /** The value of the "more" button is the cursor: of the page that is coming, then of the one after it. */
  async #load(cursor = "") {
    this.#loading?.abort();
    this.#loading = new AbortController();
    this.#more.value = cursor;
    this.#state = "loading";
    this.setAttribute("view", view());
    try {
      const { items, next } = await tasks.list({ completed: view() === "done", cursor }, this.#loading.signal);
      const rows = items.map(TaskItem.of);
      if (!cursor) this.#rows.replaceChildren();
      this.#rows.append(...rows);
      this.#more.value = next ?? "";
      this.#state = "loaded";
      if (cursor) rows[0]?.focusWords();
    } catch (failure) {
      // Whoever aborted this load has begun another or shows nothing.
      if (failure.reason === "gone") return;
      if (!cursor) this.#rows.replaceChildren();
      this.querySelector(".failed .error").textContent = failure.message;
      this.#state = "failed";
    }
  }

  /** The keyboard goes on at the neighbour of a row that goes. */
  #leave(row) {
    const rows = [...this.#rows.children];
    const stays = (other) => !other.hidden;
    const at = rows.indexOf(row);
    const neighbour = rows.slice(at).find(stays) ?? rows.slice(0, at).findLast(stays);
    if (neighbour) neighbour.focusWords();
    else this.querySelector("h1").focus();
  }

  #offerUndo(row) {
    const restore = async () => {
      await tasks.restore(row.task.id);
      if (!row.isConnected) return this.#load();
      row.hidden = false;
      row.focusWords();
    };
    notify({ key: "deleted", action: { key: "undo", run: () => restore().catch(complain) } });
  }

  /** Behind the sign-in form nothing is asked for: there is no token to ask with. */
  get #shown() { return !this.hidden; }
  get #state() { return this.getAttribute("state"); }
  set #state(state) { this.setAttribute("state", state); }
  get #rows() { return this.querySelector(".rows"); }
  get #more() { return this.querySelector("[data-action=more]"); }
}

customElements.define("task-list", TaskList);
