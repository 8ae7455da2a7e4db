// What the account form can be: a shape for each way in, named by `#…` in the address.
import { accounts } from "./api.js";

const signIn = ({ email, password }) => accounts.login(email, password);

const person = ({ email, password, name, code }) => ({
  email,
  password,
  ...(name.trim() && { name: name.trim() }),
  ...(code && { code }),
});

/** Makes an account and goes in. Once it is there the form is one for signing in, should the next step fail. */
async function signUp(typed, turn) {
  await accounts.register(person(typed));
  turn("sign-in");
  return signIn(typed);
}

/** Sends a code; the form goes on in another shape, with nobody signed in yet. */
async function send(email, reason, turn, next) {
  await accounts.sendCode(email, reason);
  turn(next);
}

/** `run` gets what was typed and a way to turn the form into another shape; it gives who is signed in, if anybody is. */
export const SHAPES = {
  "sign-in": { title: "signIn", act: "signIn", run: signIn },
  "sign-up": {
    title: "signUp",
    act: "signUp",
    async run(typed, turn) {
      const { code_required: proves } = await accounts.doors();
      return proves ? send(typed.email, "register", turn, "sign-up-code") : signUp(typed, turn);
    },
  },
  "sign-up-code": { title: "signUp", act: "signUp", note: "codeSent", run: signUp },
  code: { title: "byCode", act: "sendCode", run: ({ email }, turn) => send(email, "login", turn, "code-sent") },
  "code-sent": {
    title: "byCode",
    act: "signIn",
    note: "codeSent",
    run: ({ email, code }) => accounts.loginByCode(email, code),
  },
  forgotten: {
    title: "forgotten",
    act: "sendCode",
    run: ({ email }, turn) => send(email, "reset", turn, "new-password"),
  },
  "new-password": {
    title: "forgotten",
    act: "savePassword",
    note: "codeSent",
    async run(typed, turn) {
      await accounts.resetPassword(typed.email, typed.code, typed.password);
      turn("sign-in");
      return signIn(typed);
    },
  },
  administrator: {
    title: "administrator",
    act: "signUp",
    note: "administratorNote",
    async run(typed, turn) {
      await accounts.found(location.hash.split("=")[1] ?? "", person(typed));
      turn("sign-in");
      return signIn(typed);
    },
  },
};
