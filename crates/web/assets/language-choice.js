// The choice of a language.
import { choose, language } from "./language.js";
import { NAMES } from "./texts.js";

class LanguageChoice extends HTMLElement {
  #gone;

  connectedCallback() {
    this.#gone = new AbortController();
    const select = this.querySelector("select");
    select.replaceChildren(...Object.entries(NAMES).map(([tag, name]) => new Option(name, tag)));
    for (const option of select.options) option.lang = option.value;
    select.value = language();
    select.addEventListener("change", () => choose(select.value), { signal: this.#gone.signal });
  }

  disconnectedCallback() {
    this.#gone.abort();
  }
}

customElements.define("language-choice", LanguageChoice);
