// A text that is being typed is kept in this browser, for its session alone, until it is sent: nothing is lost by a crash.

const PREFIX = "coopole:write:";
const WAIT_MILLISECONDS = 300;
const FIELDS = ["text", "warning"];

function read(name) {
  try {
    return JSON.parse(localStorage.getItem(name));
  } catch {
    return null;
  }
}

// What another session typed, or what was sent, is nobody's to find; whoever comes back from what they sent may want it.
function tidy(mark) {
  const [{ type }] = performance.getEntriesByType("navigation");
  for (const name of Object.keys(localStorage).filter((key) => key.startsWith(PREFIX))) {
    const isOurs = name.startsWith(`${PREFIX}${mark}:`);
    if (!isOurs || (read(name)?.isSent && type !== "back_forward")) localStorage.removeItem(name);
  }
}

export function keepText(form, changed) {
  const { mark, compose } = form.dataset;
  const name = `${PREFIX}${mark}:${compose}`;
  const box = form.querySelector("[data-recovered]");
  const fields = FIELDS.map((field) => form.elements[field]).filter(Boolean);
  const differs = (kept) => fields.some((field) => kept[field.name] !== undefined && kept[field.name] !== field.value);
  let timer = 0;

  function keep(isSent = false) {
    const values = Object.fromEntries(fields.map((field) => [field.name, field.value]));
    if (fields.every((field) => field.value === field.defaultValue) && !form.hasAttribute("data-refused")) return;
    if (!values.text.trim()) localStorage.removeItem(name);
    else localStorage.setItem(name, JSON.stringify({ ...values, isSent }));
  }

  function begin() {
    if (form.hasAttribute("data-refused")) keep();
    form.addEventListener("input", (event) => {
      if (!FIELDS.includes(event.target.name)) return;
      clearTimeout(timer);
      timer = setTimeout(() => keep(), WAIT_MILLISECONDS);
    });
    form.addEventListener("submit", () => {
      clearTimeout(timer);
      keep(true);
    });
  }

  function offer(kept) {
    box.querySelector("[data-recovered-text]").textContent = kept.text;
    box.hidden = false;
    box.querySelector("[data-restore]").addEventListener("click", () => {
      fields.forEach((field) => (field.value = kept[field.name] ?? field.value));
      box.hidden = true;
      changed();
      form.elements.text.focus();
    });
    box.querySelector("[data-forget]").addEventListener("click", () => {
      localStorage.removeItem(name);
      box.hidden = true;
      form.elements.text.focus();
    });
  }

  try {
    tidy(mark);
    const kept = read(name);
    if (box && kept?.text && differs(kept) && !form.hasAttribute("data-refused")) offer(kept);
    begin();
  } catch {
    // a browser that keeps nothing
  }
}
