// Which language the pages speak: the one chosen here, else the browser's first that we know, else English.
import { TEXTS } from "./texts.js";

const KEY = "daybook.language";

let current = [localStorage.getItem(KEY), ...navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase())]
  .find((tag) => tag in TEXTS) ?? "en";

export function language() {
  return current;
}

export function text(key) {
  return TEXTS[current][key];
}

/** Remembers the choice and speaks it at once; nothing that was typed is lost. */
export function choose(tag) {
  localStorage.setItem(KEY, tag);
  current = tag;
  translate(document);
}

/** Gives an element a sentence that follows the language when it changes; none empties it. */
export function say(element, key) {
  if (key) element.dataset.text = key;
  else delete element.dataset.text;
  element.textContent = key ? text(key) : "";
}

/** Fills in `data-text` (content), `data-label` (for screen readers) and `data-hint` (placeholder) below `root`. */
export function translate(root) {
  document.documentElement.lang = current;
  for (const element of root.querySelectorAll("[data-text]")) element.textContent = text(element.dataset.text);
  for (const element of root.querySelectorAll("[data-label]")) element.ariaLabel = text(element.dataset.label);
  for (const element of root.querySelectorAll("[data-hint]")) element.placeholder = text(element.dataset.hint);
}
