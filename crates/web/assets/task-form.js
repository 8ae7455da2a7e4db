// Writes down a new task; tells of it with a "task-added" event.
import { tasks } from "./api.js";
import { clearErrors, submit } from "./form.js";

class TaskForm extends HTMLElement {
  #gone;
  #key;

  connectedCallback() {
    this.#gone = new AbortController();
    const { signal } = this.#gone;
    this.#form.addEventListener("submit", (event) => this.#submit(event), { signal });
    this.#form.addEventListener("input", () => this.#changed(), { signal });
    this.#opener.addEventListener("click", () => this.#openNote(), { signal });
    this.#form.elements.note.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.#form.requestSubmit();
    }, { signal });
  }

  disconnectedCallback() {
    this.#gone.abort();
  }

  clear() {
    this.#form.reset();
    clearErrors(this.#form);
    this.#key = undefined;
    this.#show(false);
  }

  async #submit(event) {
    event.preventDefault();
    await submit(this.#form, async ({ title, note }) => {
      this.#key ??= freshKey();
      const task = await tasks.create({ title: title.trim(), ...(note.trim() && { note: note.trim() }) }, this.#key);
      this.clear();
      this.#form.elements.title.focus();
      this.dispatchEvent(new CustomEvent("task-added", { detail: task, bubbles: true }));
    });
  }

  /** Other words are another task: the key of an unanswered attempt belongs to the old ones. */
  #changed() {
    this.#key = undefined;
  }

  #openNote() {
    this.#show(true);
    this.#form.elements.note.focus();
  }

  #show(open) {
    this.#form.elements.note.hidden = !open;
    this.#opener.hidden = open;
  }

  get #form() { return this.querySelector("form"); }
  get #opener() { return this.querySelector("[data-action=note]"); }
}

/** `crypto.randomUUID` exists only under HTTPS and on localhost; a house in a home network is often neither. */
function freshKey() {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(16)).join("-");
}

customElements.define("task-form", TaskForm);
