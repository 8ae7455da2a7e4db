// Every flow, in one browser:   scripts/browser
import "./keyboard-alone.mjs";
import "./accounts.mjs";
import "./tasks.mjs";
import "./layout.mjs";
