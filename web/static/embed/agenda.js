/* <coopole-agenda section="lille"></coopole-agenda>: the next events of a section, in a page of any site.
   It asks the server it came from for the public agenda, and nobody else for anything. See docs/embedding.md. */
(() => {
  "use strict";
  const origin = new URL(document.currentScript.src).origin;
  const words = {
    fr: { none: "Aucun événement n’est encore prévu.", failed: "L’agenda n’a pas pu être chargé.", cancelled: "Annulé", postponed: "Reporté", online: "en ligne" },
    en: { none: "No event is planned yet.", failed: "The agenda could not be loaded.", cancelled: "Cancelled", postponed: "Postponed", online: "online" },
  };
  const style = "ul{list-style:none;margin:0;padding:0}li{margin:0 0 .75em}a{color:inherit;font-weight:bold}p{margin:0}img{float:inline-end;width:6em;height:6em;object-fit:cover;margin-inline-start:.75em}li{display:flow-root}";

  const languageOf = (element) => {
    const named = (element.closest("[lang]")?.lang || document.documentElement.lang || "fr").slice(0, 2).toLowerCase();
    return named in words ? named : "fr";
  };

  const safeUrl = (text) => {
    try {
      const url = new URL(text);
      return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
    } catch {
      return null;
    }
  };

  const when = (event, language) => {
    const day = { weekday: "long", day: "numeric", month: "long", year: "numeric" };
    if (event.all_day) {
      const [year, month, date] = event.start.slice(0, 10).split("-").map(Number);
      return new Intl.DateTimeFormat(language, { ...day, timeZone: "UTC" }).format(Date.UTC(year, month - 1, date));
    }
    const told = { ...day, hour: "2-digit", minute: "2-digit", timeZone: event.timezone };
    return new Intl.DateTimeFormat(language, told).format(new Date(event.start));
  };

  const where = (event, language) => {
    const place = event.place || {};
    const named = [place.name, place.street, [place.postal_code, place.locality].filter(Boolean).join(" ")];
    return [...named, event.online_url ? words[language].online : ""].filter(Boolean).join(", ");
  };

  const make = (name, text = "") => {
    const made = document.createElement(name);
    made.textContent = text;
    return made;
  };

  const entry = (item, language) => {
    const event = item._event, row = make("li"), url = safeUrl(item.url);
    const state = words[language][event.status];
    const title = make(url ? "a" : "strong", state ? `${state} - ${item.title}` : item.title);
    if (url) {
      title.href = url;
      title.rel = "noopener";
    }
    const cover = safeUrl(event.cover?.url);
    if (cover && new URL(cover).origin === origin) {
      const picture = make("img");
      Object.assign(picture, { loading: "lazy", alt: event.cover.description || "", src: cover });
      row.append(picture);
    }
    row.append(title, make("p", [when(event, language), where(event, language)].filter(Boolean).join(" - ")));
    return row;
  };

  class CoopoleAgenda extends HTMLElement {
    static observedAttributes = ["section", "limit"];

    connectedCallback() {
      this.load();
    }

    attributeChangedCallback() {
      if (this.isConnected) this.load();
    }

    async load() {
      const section = this.getAttribute("section") || "";
      const turn = (this.turn = {});
      if (!/^[A-Za-z0-9_]{1,64}$/.test(section)) return;
      const language = languageOf(this);
      let body;
      try {
        const answer = await fetch(`${origin}/@${section}/agenda.json`, { credentials: "omit", referrerPolicy: "no-referrer" });
        if (!answer.ok) throw new Error(String(answer.status));
        const limit = Number.parseInt(this.getAttribute("limit") || "10", 10) || 10;
        const items = (await answer.json()).items.filter((item) => item._event).slice(0, Math.max(1, limit));
        body = items.length ? make("ul") : make("p", words[language].none);
        body.append(...items.map((item) => entry(item, language)));
      } catch {
        if (this.textContent.trim()) return;
        body = make("p", words[language].failed);
      }
      if (turn !== this.turn) return;
      const root = this.shadowRoot || this.attachShadow({ mode: "open" });
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(style);
      root.adoptedStyleSheets = [sheet];
      body.part = "agenda";
      root.replaceChildren(body);
    }
  }

  if (!customElements.get("coopole-agenda")) customElements.define("coopole-agenda", CoopoleAgenda);
})();
