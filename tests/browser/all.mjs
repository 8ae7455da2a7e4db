// Every flow, in one browser:   scripts/browser
import "./keyboard-alone.mjs";
import "./accounts.mjs";
import "./ways-in.mjs";
import "./another-origin.mjs";
import "./tasks.mjs";
import "./layout.mjs";
