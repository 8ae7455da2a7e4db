// The frame of the page: shows the sign-in form or the tasks, as the session says.
import "./account-form.js";
import "./connection-note.js";
import "./language-choice.js";
import "./task-list.js";
import { accounts } from "./api.js";
import { translate } from "./language.js";
import { notify } from "./notice-bar.js";
import { session } from "./session.js";

class DayApp extends HTMLElement {
  #gone;
  #left;

  connectedCallback() {
    this.#gone = new AbortController();
    const { signal } = this.#gone;
    translate(document);
    session.addEventListener("change", () => this.#turn(), { signal });
    this.#signOut.addEventListener("click", () => this.#end(), { signal });
    this.#show();
    if (!session.user) this.#resume();
  }

  disconnectedCallback() {
    this.#gone.abort();
  }

  /** Somebody who is signed in in another tab is so here, unless they are signing in by now. */
  async #resume() {
    const found = await accounts.resume().catch(() => null);
    if (found && !session.user && this.isConnected) session.start(found);
  }

  /** Whoever signs in next begins at the beginning, and the house forgets this session too if it can be reached. */
  #end() {
    accounts.logout().catch(() => null);
    session.end();
    location.hash = "";
  }

  /** From one side to the other, the keyboard with it: back to where a person was when the session ended. */
  #turn() {
    const focused = document.activeElement;
    if (!session.token && this.#list.contains(focused)) this.#left = focused;
    this.#show();
    notify({});
    if (!session.token) return this.#account.focusFirst();
    const back = this.#left?.checkVisibility() ? this.#left : this.#list.querySelector("h1");
    this.#left = undefined;
    back.focus();
  }

  #show() {
    const { token, user } = session;
    this.#account.hidden = Boolean(token);
    this.#list.hidden = this.#signOut.hidden = !token;
    this.querySelector("[data-show=user]").textContent = token ? user.email : "";
    if (token) {
      this.#list.setAttribute("owner", user.id);
    } else if (user) {
      // Expired, not ended: the list stays as it is behind the form, with everything typed.
      this.#account.setAttribute("returning", user.email);
    } else {
      this.#account.removeAttribute("returning");
      this.#list.removeAttribute("owner");
    }
  }

  get #account() { return this.querySelector("account-form"); }
  get #list() { return this.querySelector("task-list"); }
  get #signOut() { return this.querySelector("[data-action=sign-out]"); }
}

customElements.define("day-app", DayApp);
