// Names and hashtags offered below a text while one is begun: arrows choose, Enter or Tab takes, Escape sends away.
// Source: WAI-ARIA 1.2, aria-autocomplete and aria-activedescendant of a textbox

const BEGUN = /(?<![\p{L}\p{N}_@#/.])([@#][\p{L}\p{N}_][\p{L}\p{N}_.@-]*)$/u;
const WAIT_MILLISECONDS = 180;

export function suggest(text, list) {
  let timer = 0;
  let asked = "";
  let chosen = -1;

  const begun = () => {
    const found = text.value.slice(0, text.selectionStart).match(BEGUN);
    return found && text.selectionStart === text.selectionEnd ? found[1] : "";
  };

  function close() {
    list.hidden = true;
    list.replaceChildren();
    chosen = -1;
    text.removeAttribute("aria-activedescendant");
  }

  function choose(index) {
    const options = [...list.children];
    chosen = (index + options.length) % options.length;
    options.forEach((option, at) => option.setAttribute("aria-selected", String(at === chosen)));
    text.setAttribute("aria-activedescendant", options[chosen].id);
  }

  function take(option) {
    const word = begun();
    const start = text.selectionStart - word.length;
    text.setRangeText(`${option.dataset.text} `, start, text.selectionStart, "end");
    close();
    text.focus();
    text.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function show(found) {
    list.replaceChildren(
      ...found.map(({ text: word, name }, at) => {
        const option = document.createElement("li");
        option.id = `suggestion-${at}`;
        option.setAttribute("role", "option");
        option.dataset.text = word;
        const [strong, note] = [document.createElement("strong"), document.createElement("span")];
        strong.textContent = name || word;
        note.textContent = name ? word : "";
        note.className = "handle";
        option.append(strong, " ", note);
        option.addEventListener("mousedown", (event) => {
          event.preventDefault();
          take(option);
        });
        return option;
      }),
    );
    list.hidden = false;
    choose(0);
  }

  async function ask() {
    const word = begun();
    asked = word;
    if (word.length < 2) return close();
    try {
      const answer = await fetch(`/write/suggest?${new URLSearchParams({ q: word })}`);
      const { found } = answer.ok ? await answer.json() : { found: [] };
      if (asked !== begun()) return;
      const news = found.filter((one) => one.text !== word);
      news.length ? show(news) : close();
    } catch {
      close();
    }
  }

  text.setAttribute("aria-autocomplete", "list");
  text.setAttribute("aria-controls", list.id);
  text.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT_MILLISECONDS);
  });
  text.addEventListener("blur", close);
  text.addEventListener("keydown", (event) => {
    if (list.hidden || event.ctrlKey || event.metaKey) return;
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in moves) choose(chosen + moves[event.key]);
    else if (event.key === "Enter" || event.key === "Tab") take(list.children[chosen]);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
}
