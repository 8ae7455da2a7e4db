// Says so while the browser has no network.
import { say } from "./language.js";

class ConnectionNote extends HTMLElement {
  #gone;

  connectedCallback() {
    this.#gone = new AbortController();
    const { signal } = this.#gone;
    window.addEventListener("online", () => this.#show(), { signal });
    window.addEventListener("offline", () => this.#show(), { signal });
    this.#show();
  }

  disconnectedCallback() {
    this.#gone.abort();
  }

  #show() {
    this.toggleAttribute("offline", !navigator.onLine);
    say(this.querySelector("p"), navigator.onLine ? undefined : "offline");
  }
}

customElements.define("connection-note", ConnectionNote);
