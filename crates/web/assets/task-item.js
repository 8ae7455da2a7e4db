// One task: done or not, its words, deleted. Tells of a deletion with a "task-deleted" event.
import { tasks } from "./api.js";
import { clearErrors, submit } from "./form.js";
import { translate } from "./language.js";
import { complain } from "./notice-bar.js";

export class TaskItem extends HTMLElement {
  #gone;
  #saving = false;

  static of(task) {
    return Object.assign(document.createElement("task-item"), { task });
  }

  connectedCallback() {
    this.#gone = new AbortController();
    const { signal } = this.#gone;
    this.role = "listitem";
    this.replaceChildren(document.getElementById("task-item").content.cloneNode(true));
    translate(this);
    this.#box.addEventListener("change", () => this.#complete(), { signal });
    this.#button("edit").addEventListener("click", () => this.#edit(true), { signal });
    this.#button("cancel").addEventListener("click", () => this.#edit(false), { signal });
    this.#button("delete").addEventListener("click", () => this.#delete(), { signal });
    this.#form.addEventListener("submit", (event) => this.#save(event), { signal });
    this.#form.addEventListener("keydown", ({ key }) => key === "Escape" && this.#edit(false), { signal });
    this.#show();
  }

  disconnectedCallback() { this.#gone.abort(); }

  focusWords() { this.#button("edit").focus(); }

  /** Shown at once; the house is told until it agrees, and asked only one thing at a time. */
  async #complete() {
    this.toggleAttribute("done", this.#box.checked);
    if (this.#saving) return;
    this.#saving = true;
    try {
      while (this.#box.checked !== this.task.completed) {
        this.task = await tasks.change(this.task.id, { completed: this.#box.checked });
      }
    } catch (failure) {
      complain(failure);
    }
    this.#saving = false;
    this.#show();
  }

  async #save(event) {
    event.preventDefault();
    await submit(this.#form, async ({ title, note }) => {
      this.task = await tasks.change(this.task.id, { title: title.trim(), note: note.trim() });
      this.#show();
      this.#edit(false);
    });
  }

  async #delete() {
    this.hidden = true;
    this.dispatchEvent(new CustomEvent("task-hidden", { bubbles: true }));
    try {
      await tasks.remove(this.task.id);
      this.dispatchEvent(new CustomEvent("task-deleted", { bubbles: true }));
    } catch (failure) {
      this.hidden = false;
      complain(failure);
    }
  }

  #edit(open) {
    clearErrors(this.#form);
    this.#form.elements.title.value = this.task.title;
    this.#form.elements.note.value = this.task.note ?? "";
    this.#form.hidden = !open;
    this.querySelector(".row").hidden = open;
    if (open) this.#form.elements.title.focus();
    else this.focusWords();
  }

  #show() {
    const { id, title, note, completed } = this.task;
    const words = this.querySelector("[data-show=title]");
    words.id = `task-${id}`;
    words.textContent = title;
    this.querySelector("[data-show=note]").textContent = note ?? "";
    this.#box.checked = completed;
    this.#box.setAttribute("aria-labelledby", words.id);
    this.#button("delete").setAttribute("aria-describedby", words.id);
    this.toggleAttribute("done", completed);
  }

  get #box() { return this.querySelector("[name=completed]"); }
  get #form() { return this.querySelector("form"); }
  #button(action) { return this.querySelector(`[data-action=${action}]`); }
}

customElements.define("task-item", TaskItem);
