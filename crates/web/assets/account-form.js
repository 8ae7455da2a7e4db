// Coming in: one form in as many shapes as there are ways, and the one it has is in the address.
import "./login-providers.js";
import { clearErrors, submit } from "./form.js";
import { say } from "./language.js";
import { session } from "./session.js";
import { SHAPES } from "./shapes.js";

class AccountForm extends HTMLElement {
  static observedAttributes = ["returning"];

  #gone;

  connectedCallback() {
    this.#gone = new AbortController();
    const { signal } = this.#gone;
    window.addEventListener("hashchange", () => this.#show(), { signal });
    this.#form.addEventListener("submit", (event) => this.#submit(event), { signal });
    this.querySelector("[data-action=show-password]").addEventListener("change", ({ target }) => {
      this.#form.elements.password.type = target.checked ? "text" : "password";
    }, { signal });
    this.#show();
  }

  disconnectedCallback() {
    this.#gone.abort();
  }

  /** The e-mail of a person whose session ended by itself. */
  attributeChangedCallback(_name, _old, email) {
    this.#form.elements.email.value = email ?? "";
    this.#note();
  }

  focusFirst() {
    const fields = [...this.#form.querySelectorAll("input[required]")].filter((input) => input.checkVisibility());
    (fields.find((input) => !input.value) ?? fields[0]).focus();
  }

  async #submit(event) {
    event.preventDefault();
    await submit(this.#form, async (typed) => {
      const answer = await SHAPES[this.#shape].run(typed, (shape) => this.#turn(shape));
      if (!answer) return this.focusFirst();
      this.#form.reset();
      this.#form.elements.password.type = "password";
      session.start(answer);
    });
  }

  /** What was typed stays; the way back leads to where the person began. */
  #turn(shape) {
    history.replaceState(null, "", shape === "sign-in" ? "/" : `#${shape}`);
    this.#show();
  }

  #show() {
    const shape = this.#shape;
    clearErrors(this.#form);
    for (const element of this.querySelectorAll("[data-only]")) {
      element.hidden = !element.dataset.only.split(" ").includes(shape);
    }
    this.#form.elements.password.autocomplete = shape === "sign-in" ? "current-password" : "new-password";
    say(this.querySelector("h1"), SHAPES[shape].title);
    say(this.querySelector("[data-action=submit]"), SHAPES[shape].act);
    const other = this.querySelector("[data-action=switch]");
    other.href = shape === "sign-in" ? "#sign-up" : "#sign-in";
    say(other, { "sign-in": "toSignUp", "sign-up": "toSignIn" }[shape] ?? "back");
    this.#note();
  }

  #note() {
    const expired = this.hasAttribute("returning") ? "expired" : undefined;
    say(this.querySelector(".reason"), SHAPES[this.#shape].note ?? expired);
  }

  get #shape() {
    const [named] = location.hash.slice(1).split("=");
    return Object.hasOwn(SHAPES, named) ? named : "sign-in";
  }

  get #form() { return this.querySelector("form"); }
}

customElements.define("account-form", AccountForm);
