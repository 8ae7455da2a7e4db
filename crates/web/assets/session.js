// Who is signed in, as this tab knows. It tells of its beginning and end with a "change" event.
const TOKEN = "daybook.token";
const USER = "daybook.user";

class Session extends EventTarget {
  get token() {
    return sessionStorage.getItem(TOKEN);
  }

  /** `{id, email}`; outlives the token, so that an expired session can be taken up where it ended. */
  get user() {
    return JSON.parse(sessionStorage.getItem(USER));
  }

  start({ access_token, user: { id, email } }) {
    sessionStorage.setItem(TOKEN, access_token);
    sessionStorage.setItem(USER, JSON.stringify({ id, email }));
    this.dispatchEvent(new Event("change"));
  }

  /** The same person with a token that lasts longer. */
  renew(token) {
    sessionStorage.setItem(TOKEN, token);
  }

  expire() {
    sessionStorage.removeItem(TOKEN);
    this.dispatchEvent(new Event("change"));
  }

  end() {
    sessionStorage.removeItem(USER);
    this.expire();
  }
}

export const session = new Session();
