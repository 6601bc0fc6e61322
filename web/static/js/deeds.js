// Buttons of posts act where they stand: the form goes to its own address, and what comes back takes its place.
// Without this script the same forms lead to the same page and back.

const said = document.querySelector("[data-said]");
const refused = document.querySelector("[data-refused]");
let fading;

function tell(text) {
  said.textContent = text;
}

function warn(text) {
  refused.textContent = text;
  refused.hidden = false;
  clearTimeout(fading);
  fading = setTimeout(() => (refused.hidden = true), 12000);
}

async function send(form, button) {
  const body = new URLSearchParams(new FormData(form));
  body.set(button.name, button.value);
  const answer = await fetch(form.action, { method: "POST", body, headers: { "Coopole-In-Place": "1" } });
  if (answer.redirected) return location.reload(); // logged out meanwhile
  const text = await answer.text();
  if (!answer.ok) {
    const isSentence = answer.headers.get("Content-Type")?.startsWith("text/plain");
    return warn(isSentence ? text : refused.dataset.otherwise);
  }
  const part = new DOMParser().parseFromString(text, "text/html").querySelector("[data-told]");
  const fresh = part.firstElementChild;
  const key = button.dataset.key;
  form.replaceWith(fresh);
  ready(fresh);
  const again = key && fresh.querySelector(`[data-key="${key}"]`);
  (again || fresh.querySelector("summary") || fresh.closest("article"))?.focus({ preventScroll: true });
  tell(part.dataset.told);
}

function ready(within) {
  if (!navigator.clipboard) return;
  for (const item of within.querySelectorAll("[data-copy]")) item.hidden = false;
}

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-deed]");
  const button = event.submitter;
  if (!form || !button?.name) return;
  event.preventDefault();
  if (form.ariaBusy === "true") return;
  form.ariaBusy = "true";
  try {
    await send(form, button);
  } catch {
    warn(refused.dataset.otherwise);
  }
  form.ariaBusy = "false";
});

document.addEventListener("click", async (event) => {
  const item = event.target.closest("[data-copy]");
  if (item) {
    await navigator.clipboard.writeText(item.dataset.copy);
    item.closest("details").open = false;
    tell(refused.dataset.copied);
  }
  for (const open of document.querySelectorAll(".act-more[open]")) {
    if (!open.contains(event.target)) open.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  const open = event.key === "Escape" && document.querySelector(".act-more[open]");
  if (open) {
    open.open = false;
    open.querySelector("summary").focus();
  }
});

// What is looked at is read: the same as the button says.
const reading = document.querySelector("form[data-read]");
if (reading) {
  const button = reading.querySelector("button");
  const body = new URLSearchParams(new FormData(reading));
  body.set(button.name, button.value);
  fetch(reading.action, { method: "POST", body, headers: { "Coopole-In-Place": "1" } }).then((answer) => {
    if (!answer.ok) return;
    reading.hidden = true;
    for (const badge of document.querySelectorAll("[data-unread]")) badge.hidden = true;
  });
}

ready(document);
