// Keys for those who like them; `?` lists them. Never while somebody types, and they can be turned off (WCAG 2.1.4).

const keys = document.getElementById("keys");
const box = keys.querySelector("[data-keys-on]");
const STORED = "coopole-keys";
let last = "";

const isOn = () => localStorage.getItem(STORED) !== "off";

function isTyping(element) {
  return element.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
}

function move(step) {
  const posts = [...document.querySelectorAll("article.read")];
  const at = posts.indexOf(document.activeElement?.closest("article.read"));
  const next = posts[at < 0 ? 0 : at + step];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

function press(key) {
  document.activeElement?.closest("article.read")?.querySelector(`[data-key="${key}"]`)?.click();
}

const deeds = {
  j: () => move(1),
  k: () => move(-1),
  o: () => press("o"),
  r: () => press("r"),
  f: () => press("f"),
  b: () => press("b"),
  n: () => location.assign("/write"),
  "g h": () => location.assign("/home"),
  "g n": () => location.assign("/notifications"),
};

function open() {
  box.checked = isOn();
  keys.showModal();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (keys.open || isTyping(event.target) || !isOn()) return;
  if (event.key === "?") return open();
  const key = last === "g" ? `g ${event.key}` : event.key;
  last = event.key;
  if (!Object.hasOwn(deeds, key)) return;
  event.preventDefault();
  last = "";
  deeds[key]();
});

box.addEventListener("change", () => localStorage.setItem(STORED, box.checked ? "on" : "off"));
for (const button of document.querySelectorAll("[data-open-keys]")) {
  button.hidden = false;
  button.addEventListener("click", open);
}
