// Signing in and signing up: `#sign-up` in the address turns one into the other.
import { accounts } from "./api.js";
import { clearErrors, submit } from "./form.js";
import { say } from "./language.js";
import { session } from "./session.js";

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
    say(this.querySelector(".reason"), email === null ? undefined : "expired");
    this.#form.elements.email.value = email ?? "";
  }

  focusFirst() {
    const { email, password } = this.#form.elements;
    (email.value ? password : email).focus();
  }

  async #submit(event) {
    event.preventDefault();
    await submit(this.#form, async ({ email, password, name }) => {
      if (this.#signsUp) {
        await accounts.register({ email, password, ...(name.trim() && { name: name.trim() }) });
        // From here on the account exists: should the next step fail, the form is one for signing in.
        history.replaceState(null, "", "/");
        this.#show();
      }
      const answer = await accounts.login(email, password);
      this.#form.reset();
      this.#form.elements.password.type = "password";
      session.start(answer);
    });
  }

  #show() {
    const signsUp = this.#signsUp;
    clearErrors(this.#form);
    for (const element of this.querySelectorAll("[data-only=sign-up]")) element.hidden = !signsUp;
    this.#form.elements.password.autocomplete = signsUp ? "new-password" : "current-password";
    say(this.querySelector("h1"), signsUp ? "signUp" : "signIn");
    say(this.querySelector("[data-action=submit]"), signsUp ? "signUp" : "signIn");
    const other = this.querySelector("[data-action=switch]");
    other.href = signsUp ? "#sign-in" : "#sign-up";
    say(other, signsUp ? "toSignIn" : "toSignUp");
  }

  get #signsUp() { return location.hash === "#sign-up"; }
  get #form() { return this.querySelector("form"); }
}

customElements.define("account-form", AccountForm);
