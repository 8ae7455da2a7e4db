// Signing in elsewhere: a way to each provider that this house asks, and what became of the last try.
import { accounts } from "./api.js";
import { say } from "./language.js";

const NAMES = { google: "Google", facebook: "Facebook", vk: "VK ID", yandex: "Yandex" };
const FAILURES = { oauth_denied: "oauthDenied", oauth_account_exists: "oauthAccountExists" };

class LoginProviders extends HTMLElement {
  async connectedCallback() {
    this.#tell();
    const { providers } = await accounts.doors().catch(() => ({ providers: [] }));
    this.querySelector("nav").replaceChildren(...providers.map(wayTo));
  }

  /** The house sends a browser back with the name of what went wrong, which is said once. */
  #tell() {
    const error = new URLSearchParams(location.search).get("error");
    if (!error) return;
    say(this.querySelector(".error"), FAILURES[error] ?? "oauthFailed");
    history.replaceState(null, "", location.pathname + location.hash);
  }
}

function wayTo(provider) {
  const words = document.createElement("span");
  say(words, "continueWith");
  const way = document.createElement("a");
  way.href = `/auth/oauth/${encodeURIComponent(provider)}?return_to=/app/`;
  way.append(words, ` ${NAMES[provider] ?? provider}`);
  return way;
}

customElements.define("login-providers", LoginProviders);
