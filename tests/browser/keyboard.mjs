// Keys as Chromium wants them told.
const KEYS = {
  Tab: { key: "Tab", code: "Tab", windowsVirtualKeyCode: 9 },
  Enter: { key: "Enter", code: "Enter", windowsVirtualKeyCode: 13, text: "\r" },
  Escape: { key: "Escape", code: "Escape", windowsVirtualKeyCode: 27 },
  Space: { key: " ", code: "Space", windowsVirtualKeyCode: 32, text: " " },
  // Without a window nobody turns the keys into the command.
  "Control+A": { key: "a", code: "KeyA", windowsVirtualKeyCode: 65, modifiers: 2, commands: ["selectAll"] },
};

export async function press(page, name) {
  const { text, commands, ...key } = KEYS[name];
  const down = { type: text ? "keyDown" : "rawKeyDown", text, commands, ...key };
  await Promise.all([down, { type: "keyUp", ...key }].map((event) => page.call("Input.dispatchKeyEvent", event)));
}
