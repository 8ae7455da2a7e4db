// What every form does: check, send once, show what is wrong at its field.
import { say } from "./language.js";

/** What the house calls a field that is called otherwise here. */
const ALIASES = { new_password: "password" };

let ids = 0;

/** Runs `work` with the form's values unless it is busy or incomplete; a failure is shown where it belongs. */
export async function submit(form, work) {
  if (form.getAttribute("aria-busy") === "true") return;
  clearErrors(form);
  const missing = [...form.elements].filter((input) => input.required && input.checkVisibility() && !input.value.trim());
  missing.forEach((input) => say(mark(form, input), "missing"));
  missing[0]?.focus();
  if (missing.length) return;
  form.setAttribute("aria-busy", "true");
  try {
    await work(Object.fromEntries(new FormData(form)));
  } catch (failure) {
    show(form, failure);
  } finally {
    form.removeAttribute("aria-busy");
  }
}

export function clearErrors(form) {
  for (const place of form.querySelectorAll("[data-error]")) say(place);
  for (const input of form.querySelectorAll("[aria-invalid]")) {
    input.removeAttribute("aria-invalid");
    input.removeAttribute("aria-describedby");
  }
}

function show(form, failure) {
  if (failure.silent) return;
  const errors = (failure.errors ?? []).map(({ field, message }) => ({ field: ALIASES[field] ?? field, message }));
  const atField = errors.filter(({ field }) => form.elements[field]?.checkVisibility());
  for (const { field, message } of atField) mark(form, form.elements[field]).textContent = message;
  if (atField.length) form.elements[atField[0].field].focus();
  if (!atField.length || atField.length < errors.length) form.querySelector('[data-error=""]').textContent = failure.message;
}

/** Marks a field as wrong for eyes and for screen readers; returns the place for the sentence. */
function mark(form, input) {
  const place = form.querySelector(`[data-error="${input.name}"]`);
  place.id ||= `error-${++ids}`;
  input.setAttribute("aria-invalid", "true");
  input.setAttribute("aria-describedby", place.id);
  return place;
}
