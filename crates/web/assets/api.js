// The one place that talks to the house.
import { language, text } from "./language.js";
import { session } from "./session.js";

const TIMEOUT_MS = 10_000;

let doors;

/** Why a request did not do what it should. `message` is a sentence for a person, `errors` name fields. */
export class Failure extends Error {
  /** `reason` is "gone" (nobody waits any more), "expired", "unanswered" or "refused". */
  constructor(reason, message = "", errors = []) {
    super(message);
    this.reason = reason;
    this.errors = errors;
  }

  /** Nothing to tell: the page that asked is gone, or shows the sign-in form already. */
  get silent() {
    return this.reason === "gone" || this.reason === "expired";
  }
}

async function call(method, path, { body, headers, signal } = {}) {
  const token = path.startsWith("/api/") ? session.token : null;
  const { status, content, renewed } = await exchange(path, {
    method,
    cache: "no-store",
    headers: {
      "Accept-Language": language(),
      ...(body && { "Content-Type": "application/json" }),
      ...(token && { Authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: body && JSON.stringify(body),
  }, signal);
  // The house renews in passing what is about to expire, for whoever is still signed in.
  if (renewed && session.token === token) session.renew(renewed);
  if (status < 300) return content;
  if (status === 401 && token) {
    // A late answer to an older token must not end the session that replaced it.
    if (session.token === token) session.expire();
    throw new Failure("expired");
  }
  throw new Failure("refused", content.detail || content.title || text("failed"), content.errors);
}

async function exchange(path, options, signal) {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const signals = signal ? [signal, timeout] : [timeout];
  try {
    const answer = await fetch(path, { ...options, signal: AbortSignal.any(signals) });
    const renewed = answer.headers.get("New-Access-Token");
    return { status: answer.status, renewed, content: parse(await answer.text()) };
  } catch {
    if (signal?.aborted) throw new Failure("gone");
    if (timeout.aborted) throw new Failure("unanswered", text("slow"));
    throw new Failure("unanswered", text(navigator.onLine ? "unreachable" : "offline"));
  }
}

/** A proxy on the way may answer with a page of its own, which says nothing to a person. */
function parse(words) {
  try {
    return JSON.parse(words);
  } catch {
    return {};
  }
}

export const accounts = {
  /** How people come in here; the same for as long as the page is open. */
  doors: () => doors ??= call("GET", "/api/v1/doors").catch((failure) => {
    doors = undefined;
    throw failure;
  }),
  register: (person) => call("POST", "/auth/register", { body: person }),
  login: (email, password) => call("POST", "/auth/login", { body: { email, password } }),
  loginByCode: (email, code) => call("POST", "/auth/login-code", { body: { email, code } }),
  sendCode: (email, reason) => call("POST", "/auth/verify-code", { body: { email, reason } }),
  resetPassword: (email, code, password) =>
    call("POST", "/auth/confirm-reset-password", { body: { email, code, new_password: password } }),
  /** The first administrator, by the link that the house showed at its start. */
  found: (token, person) => call("POST", "/api/v1/first-administrator", { body: { token, ...person } }),
  logout: () => call("POST", "/auth/logout", { headers: { Authorization: `Bearer ${session.token}` } }),
  /** Takes up the session that this browser has a cookie of; nothing when there is none. */
  async resume() {
    const { access_token } = await call("POST", "/auth/renew");
    if (!access_token) return null;
    const user = await call("GET", "/api/v1/me", { headers: { Authorization: `Bearer ${access_token}` } });
    return { access_token, user };
  },
};

export const tasks = {
  list({ completed, cursor }, signal) {
    const query = new URLSearchParams({ completed, limit: 50, ...(cursor && { cursor }) });
    return call("GET", `/api/v1/tasks?${query}`, { signal });
  },
  /** The same `key` makes a repeat after a lost answer harmless. */
  create: (task, key) => call("POST", "/api/v1/tasks", { body: task, headers: { "Idempotency-Key": key } }),
  change: (id, changes) => call("PATCH", `/api/v1/tasks/${id}`, { body: changes }),
  remove: (id) => call("DELETE", `/api/v1/tasks/${id}`),
  restore: (id) => call("POST", `/api/v1/tasks/${id}/restore`),
};
