// What is new is said quietly and comes when it is asked for: nothing that is being read moves.
// Source: HTML standard §9.2 (server-sent events). While the page is hidden it does not listen.

const line = document.querySelector("[data-line]");
const bar = document.querySelector("[data-news]");
const badge = document.querySelector("[data-unread]");
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 60000;

let source = null;
let wait = FIRST_WAIT;
let timer = 0;
let hasListened = false;
let newest = BigInt(line?.dataset.newest || 0);
const waiting = new Set();

function announce() {
  const button = bar.querySelector("button");
  const { one, many } = button.dataset;
  button.textContent = waiting.size === 1 ? one : `${waiting.size} ${many}`;
  button.hidden = waiting.size === 0;
}

// What was written earlier may come later: the list has it in its place, here it stands above what was there.
function since() {
  let lowest = newest;
  for (const id of waiting) if (BigInt(id) <= lowest) lowest = BigInt(id) - 1n;
  return lowest;
}

async function fetched() {
  const address = `${line.dataset.path}?since=${since()}`;
  const answer = await fetch(address, { headers: { "Coopole-In-Place": "1" } });
  if (!answer.ok || answer.redirected) throw new Error(answer.status);
  const found = new DOMParser().parseFromString(await answer.text(), "text/html");
  return [...found.querySelectorAll("article[data-item]")].filter((article) => !document.getElementById(article.id));
}

async function look() {
  for (const article of await fetched()) waiting.add(article.dataset.item);
  announce();
}

async function bring() {
  const articles = await fetched().catch(() => null);
  if (!articles || articles.length >= Number(line.dataset.most)) return location.assign(line.dataset.path);
  line.querySelector(".empty")?.remove();
  line.prepend(...articles);
  for (const article of articles) if (BigInt(article.dataset.item) > newest) newest = BigInt(article.dataset.item);
  waiting.clear();
  announce();
  articles[0]?.focus();
}

function takeAway(id) {
  waiting.delete(id);
  if (bar) announce();
  for (const article of document.querySelectorAll(`[data-item="${id}"], [data-post="${id}"]`)) {
    article.style.minHeight = `${article.offsetHeight}px`; // what is below stays where it is
    article.replaceChildren();
  }
}

function count(total) {
  badge.firstChild.textContent = total > 99 ? "99+" : String(total);
  badge.hidden = total === 0;
}

function listen() {
  clearTimeout(timer);
  if (source || document.hidden) return;
  source = new EventSource(`/home/live?stream=${line?.dataset.stream || "notifications"}`);
  source.onopen = () => {
    wait = FIRST_WAIT;
    if (hasListened && line?.dataset.stream) look().catch(() => {});
    hasListened = true;
  };
  source.onerror = () => {
    stop();
    timer = setTimeout(listen, wait * (0.5 + Math.random()));
    wait = Math.min(2 * wait, LONGEST_WAIT);
  };
  source.addEventListener("new", (event) => {
    if (!line?.dataset.stream || document.getElementById(`item-${event.data}`)) return;
    waiting.add(event.data);
    announce();
  });
  source.addEventListener("gone", (event) => takeAway(event.data));
  source.addEventListener("unread", (event) => count(Number(event.data)));
}

function stop() {
  clearTimeout(timer);
  source?.close();
  source = null;
}

bar?.querySelector("button").addEventListener("click", bring);
document.addEventListener("visibilitychange", () => (document.hidden ? stop() : listen()));
addEventListener("pagehide", stop);
addEventListener("pageshow", listen);
