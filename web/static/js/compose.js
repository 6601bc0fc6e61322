// Comfort for the composer, which works without it: what is left, who sees it, names, pictures, and a text that is not lost.

import { suggest } from "./suggest.js";
import { watchPictures } from "./pictures.js";
import { keepText } from "./kept_text.js";

const form = document.querySelector("form[data-compose]");
const text = form.elements.text;

// Counted as the server does: a URL for 23, a name without its server.   Source: docs.joinmastodon.org/user/posting/#text
const URLS = /(?<![\p{L}\p{N}_])https?:\/\/[^\s<>"«»“”„`\\^{}|()[\]]+/giu;
const NAMES = /(?<![\p{L}\p{N}_@/\\=+%~&$#])@([A-Za-z0-9_]+(?:[.-]+[A-Za-z0-9_]+)*)@[\p{L}\p{N}_]+(?:[.-]+[\p{L}\p{N}_]+)*/giu;
const MENTIONS = /(?<![\p{L}\p{N}_@/\\=+%~&$#])@[A-Za-z0-9_]+(?:[.-]+[A-Za-z0-9_]+)*(?:@[\p{L}\p{N}_]+(?:[.-]+[\p{L}\p{N}_]+)*)?/giu;

const counted = (typed) => [...typed.replace(URLS, "-".repeat(23)).replace(NAMES, "@$1")].length;

function count() {
  const counter = form.querySelector("[data-counter]");
  const left = Number(counter.dataset.most) - counted(text.value);
  const sentence = left < 0 ? counter.dataset.over : counter.dataset.left;
  counter.textContent = sentence.replace("{n}", new Intl.NumberFormat(document.documentElement.lang).format(Math.abs(left)));
  counter.classList.toggle("error", left < 0);
  counter.setAttribute("aria-live", left < 100 ? "polite" : "off");
}

function tellWhoSees() {
  const place = form.querySelector("[data-seen-by]");
  const chosen = form.querySelector("[name=visibility]:checked");
  if (!place || !chosen) return;
  const sentence = chosen.closest("label").querySelector("[data-sees]").textContent.trim();
  const named = chosen.value === "direct" ? [...new Set(text.value.match(MENTIONS) ?? [])] : [];
  const said = named.length ? `${sentence} (${named.join(", ")})` : sentence;
  if (place.textContent !== said) place.textContent = said;
  place.hidden = false;
}

function useOwnClock() {
  const zone = form.elements.zone;
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!zone || !own || form.elements.date.value || form.hasAttribute("data-refused")) return;
  zone.value = own;
  form.querySelector("[data-zone]").textContent = own.replaceAll("_", " ");
}

form.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  if (event.ctrlKey || event.metaKey) {
    event.preventDefault();
    form.requestSubmit(form.querySelector("button:not([type=button])"));
  } else if (event.target.matches("input:not([type=file], [type=checkbox], [type=radio])")) {
    event.preventDefault(); // what stands in one line is not sent by leaving it
  }
});
form.addEventListener("change", tellWhoSees);
text.addEventListener("input", () => {
  count();
  tellWhoSees();
});
form.querySelectorAll("[data-shortcut]").forEach((hint) => (hint.hidden = false));

suggest(text, form.querySelector("#suggestions"));
watchPictures(form);
keepText(form, () => text.dispatchEvent(new Event("input", { bubbles: true })));
useOwnClock();
count();
tellWhoSees();
