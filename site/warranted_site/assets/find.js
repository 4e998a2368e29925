// Find: what is asked for and what fits it, over the catalogue that stands beside this file (see find/catalogue.py).
// Nothing is asked of a server: the lists come as scripts, so that the page works from a file, too.
(() => {
  "use strict";
  const { lines, folded, packagesOf, idsOf, totalOf, decoded, counted } = window.WARRANTED_TABLE;
  const { el, says, KINDS, kindNames, NO_LEVEL, number, say, forms, node, levels, badge } = window.WARRANTED_SAYS;
  const root = document.getElementById("find");
  const base = root.dataset.base;
  const timeNames = new Map(says.times);
  const PAGE = 20, ALSO = 3, WAIT = 20000, FRAGMENTS = 50;
  const OWN = ["field", "problem", "level"]; // the filters that come first, before others of the places
  const LAST = ["who", "time", "measure"];

  // ---- The catalogue ----
  let told, table, facets; // what the files say; rows; filters by their key
  /** Where a row's page is; null until that list is here. */
  function path(row) {
    const id = told.ids?.[row];
    if (id === undefined) return null;
    return id.startsWith("/") ? id.slice(1) : `${told.folders[KINDS[table.kind[row]]]}${id}/index.html`;
  }
  function link(properties, where, text) {
    return where === null ? node("span", properties, text) : node("a", { ...properties, href: base + where }, text);
  }
  function facetsOf() {
    const order = (key) => (OWN.includes(key) ? OWN.indexOf(key) : LAST.includes(key) ? 90 + LAST.indexOf(key) : 50);
    const all = [...told.facets].sort((a, b) => order(a.key) - order(b.key) || (a.label < b.label ? -1 : 1));
    return new Map(all.map(({ key, label, keys, labels }) => {
      const ids = lines(keys), names = labels ? lines(labels) : key === "time" ? ids.map((id) => timeNames.get(id)) : ids;
      return [key, { key, label: label || says.facets[key], ids, names }];
    }));
  }

  // ---- The state stands in the address ----
  let state;
  function read() {
    const asked = new URLSearchParams(location.search);
    const chosen = new Map(), unknown = [];
    for (const [key, value] of asked) {
      if (["q", "kind", "in", "warrant"].includes(key)) continue;
      const v = facets.get(key)?.ids.indexOf(value) ?? -1;
      if (v < 0) { unknown.push(value || key); continue; }
      if (!chosen.has(key)) chosen.set(key, new Set());
      chosen.get(key).add(v);
    }
    const warrant = asked.get("warrant") ?? "";
    if (warrant && !warrantFits(warrant)) unknown.push(warrant);
    state = {
      q: asked.get("q") ?? "",
      kind: KINDS.includes(asked.get("kind")) ? asked.get("kind") : KINDS[0],
      words: asked.get("in") === "words",
      warrant: warrantFits(warrant) ? warrant : "",
      chosen, unknown, shown: history.state?.shown ?? PAGE,
    };
  }
  function address() {
    const asked = new URLSearchParams();
    if (state.q.trim()) asked.set("q", state.q.trim());
    if (state.words) asked.set("in", "words");
    if (state.kind !== KINDS[0]) asked.set("kind", state.kind);
    if (state.warrant) asked.set("warrant", state.warrant);
    for (const [key, values] of state.chosen) for (const v of values) asked.append(key, facets.get(key).ids[v]);
    const query = asked.toString();
    return location.pathname + (query ? `?${query}` : "");
  }
  let typing = false; // one entry in the history for a word, not one a letter
  function go({ typed = false } = {}) {
    state.shown = PAGE;
    state.unknown = [];
    problem = standing;
    history[typed && typing ? "replaceState" : "pushState"]({ shown: PAGE }, "", address());
    typing = typed;
    render();
  }
  // "2": at least that rank; "just0": that one and no other.
  function warrantFits(text) { return /^(just(-1|0)|[1-9])$/.test(text) && levels.has(Number(text.replace("just", ""))); }
  function fitsWarrant(rank) {
    if (!state.warrant) return true;
    return state.warrant.startsWith("just") ? rank === Number(state.warrant.slice(4)) : rank >= Number(state.warrant);
  }

  // ---- Titles: MiniSearch, or parts of words until it is there ----
  let index = null, indexed = 0, asked = false;
  function script(name) {
    return new Promise((done, failed) => {
      document.head.append(node("script", { src: `${base}assets/find/${name}`, onload: done, onerror: failed }));
    });
  }
  async function learn() {
    if (!told.minisearch) return;
    try {
      if (!asked) { asked = true; await script("minisearch.js"); index = new MiniSearch({
        fields: ["title", "also"], idField: "row", tokenize: (text) => text.split(/[^\p{L}\p{M}\p{N}]+/u), processTerm: (term) => folded(term) || null,
        extractField: (row, name) => name === "row" ? row : name === "title" ? table.title[row] : packagesOf(told, table, row),
      }); }
      if (!index || indexed === table.n) return;
      const rows = Array.from({ length: table.n - indexed }, (_, i) => indexed + i);
      const whole = table.n;
      indexed = whole;
      await index.addAllAsync(rows, { chunkSize: 400 });
      index.whole = whole;
      if (state.q.trim() && !state.words) render();
    } catch { index = null; } // parts of words are looked for instead
  }
  /** Row → how well its title fits the words; null without words. */
  function scores() {
    const q = state.q.trim();
    if (!q || state.words) return null;
    const found = new Map();
    let some = false;
    if (index?.whole === table.n) {
      const options = { prefix: true, fuzzy: (term) => (term.length > 3 ? 0.25 : false), boost: { title: 3 }, combineWith: "AND" };
      let hits = index.search(q, options);
      if (!hits.length) { hits = index.search(q, { ...options, combineWith: "OR" }); some = hits.length > 0; }
      for (const hit of hits) found.set(hit.id, hit.score);
    } else {
      learn();
      const terms = folded(q).split(/\s+/);
      for (let row = 0; row < table.n; row++) if (terms.every((term) => table.folded[row].includes(term))) found.set(row, 0);
    }
    found.some = some;
    return found;
  }

  // ---- Results ----
  let counts = null; // what fits, and how many for each value; null while nothing is counted
  const filters = window.WARRANTED_FILTERS({
    get table() { return table; },
    get facets() { return facets; },
    get state() { return state; },
    get counts() { return counts; },
  }, go);
  function card(row, extra = []) {
    const places = table.places[row], rank = table.rank[row], kind = KINDS[table.kind[row]];
    const title = link({ className: "f-title" }, path(row), table.title[row]);
    if (table.language[row]) title.lang = table.language[row];
    const head = node("p", { className: "f-head" }, title);
    if (table.madeUp[row]) head.append(" ", node("span", { className: "w-made-up" }, says.say.made_up));
    const item = node("li", {}, head);
    if (rank !== NO_LEVEL) {
      const line = node("p", { className: "f-seen" });
      if (kind === "package") line.append(node("span", { className: "w-small" }, `${say("strongest")} `));
      line.append(badge(rank));
      if (places[1]) line.append(node("span", { className: "w-small" }, ` · ${forms("seen", places[1], places[0])}`));
      item.append(line);
    }
    item.append(...extra);
    const facts = ["who", "time"].filter(() => kind === "idea").flatMap((key) => {
      const column = table.values[key], facet = facets.get(key);
      return column ? column.sets[column.of[row]].filter((v) => facet.ids[v] !== "unsaid").map((v) => facet.names[v]) : [];
    });
    const within = table.packages[row].map((p) => link({}, told.packagePaths?.[p] ?? null, told.packageTitles[p]));
    const line = node("p", { className: "w-small f-where" });
    within.forEach((one, i) => line.append(i ? ", " : "", one));
    for (const fact of facts) line.append(line.childNodes.length ? " · " : "", fact);
    if (line.childNodes.length) item.append(line);
    return item;
  }
  function chips() {
    const made = [];
    const chip = (text, drop) => node("li", {}, node("button", { type: "button", className: "f-chip", "aria-label": say("remove", { what: text }), onclick: () => { drop(); go(); el("status").focus(); } },
      text, node("span", { "aria-hidden": "true" }, " ×")));
    if (state.warrant) {
      const label = levels.get(Number(state.warrant.replace("just", ""))).label;
      const words = state.warrant.startsWith("just") ? label : say("at_least", { level: label });
      made.push(chip(say("at_warrant", { level: words }), () => { state.warrant = ""; }));
    }
    for (const [key, values] of state.chosen) {
      for (const v of values) {
        made.push(chip(`${facets.get(key).label}: ${facets.get(key).names[v]}`, () => { values.delete(v); if (!values.size) state.chosen.delete(key); }));
      }
    }
    el("chosen").textContent = made.length ? say("chosen", { n: number(made.length) }) : "";
    if (made.length > 1) made.push(node("li", {}, node("button", { type: "button", className: "f-link", onclick: () => { state.chosen.clear(); state.warrant = ""; go(); el("status").focus(); } }, say("clear"))));
    el("chips").replaceChildren(...made);
    el("chips").hidden = !made.length;
  }
  function note(text) { el("note").textContent = text; el("note").hidden = !text; }
  function hint(text) { el("hint").textContent = text; el("hint").hidden = !text; }
  function offerMore(n, next) {
    el("more").hidden = n <= 0;
    el("more").textContent = n > 0 ? say("more", { n: number(n) }) : "";
    el("more").onclick = next;
  }
  function render() {
    if (el("q").value.trim() !== state.q.trim()) el("q").value = state.q;
    el("words").checked = state.words;
    for (const input of el("kinds").querySelectorAll("input")) input.checked = input.value === state.kind;
    if (!filters.stand()) { counts = null; filters.draw(); }
    chips();
    root.classList.toggle("f-words", state.words);
    if (state.words) { wordResults(); return; }
    wordsToken++;
    const score = scores();
    counts = counted({ table, facets, chosen: state.chosen, kinds: KINDS, kind: state.kind, fitsWarrant, score });
    filters.update();
    note(state.unknown.length ? say("unknown", { what: state.unknown.join(", ") }) : problem);
    el("kinds").querySelectorAll(".f-count").forEach((box, i) => { box.textContent = number(counts.kinds[i]); });
    const elsewhere = score && counts.kinds.some((n, i) => n && KINDS[i] !== state.kind);
    el("status").textContent = forms(state.kind, totalOf(table, KINDS.indexOf(state.kind)), counts.hits.length);
    hint(!counts.hits.length ? say(elsewhere ? "elsewhere" : "nothing_here") : score?.some ? say("some_words") : "");
    list();
    also(score);
  }
  function list() {
    const items = counts.hits.slice(0, state.shown).map((row) => card(row));
    el("results").replaceChildren(...items);
    const left = counts.hits.length - state.shown;
    offerMore(Math.min(left, PAGE), () => {
      const from = state.shown;
      state.shown += PAGE;
      history.replaceState({ shown: state.shown }, "", address());
      list();
      el("results").children[from].querySelector("a").focus();
    });
  }
  function also(score) {
    const parts = score ? KINDS.filter((kind, i) => kind !== state.kind && counts.kinds[i]) : [];
    el("also").replaceChildren(...(parts.length ? [node("h2", { className: "f-also" }, say("also"))] : []), ...parts.flatMap((kind) => {
      const rows = counts.others[KINDS.indexOf(kind)];
      const all = rows.length > ALSO ? [node("button", { type: "button", className: "f-link", onclick: () => { state.kind = kind; go(); el("status").focus(); } }, say("all_of", { n: number(rows.length) }))] : [];
      return [node("h3", {}, kindNames.get(kind)), node("ol", { className: "f-results" }, ...rows.slice(0, ALSO).map((row) => card(row))), ...all];
    }));
  }

  // ---- All words of the pages: Pagefind, loaded when asked for, only from a server ----
  let pagefind = null, wordsToken = 0;
  const limited = (promise) => Promise.race([promise, new Promise((_, late) => setTimeout(late, WAIT, new Error("slow")))]);
  /** Pages that changed since the index was made stand in one beside it: the names they had in the first. */
  let replaced = new Set();
  async function newer(module) {
    const told = await fetch(`${base}pagefind/newer.json`, { cache: "no-cache" });
    if (!told.ok) throw new Error("missing");
    const { newer: there, replaced: names } = await told.json();
    if (there) await module.mergeIndex(new URL(`${base}pagefind/newer/`, document.baseURI).href);
    return new Set(names);
  }
  async function wordResults() {
    const token = ++wordsToken, q = state.q.trim();
    counts = null;
    filters.renumber();
    const giveUp = (why) => {
      if (token !== wordsToken) return;
      state.words = false;
      problem = say(why);
      history.replaceState({ shown: PAGE }, "", address());
      render();
    };
    if (location.protocol === "file:") { giveUp("words_file"); return; }
    hint(say("no_counts"));
    note(state.unknown.length ? say("unknown", { what: state.unknown.join(", ") }) : "");
    el("also").replaceChildren();
    el("results").replaceChildren();
    offerMore(0);
    el("status").textContent = q ? say("words_loading") : say("untyped");
    try {
      if (!pagefind) {
        const module = await limited(import(new URL(`${base}pagefind/pagefind.js`, document.baseURI).href));
        await limited(module.init());
        replaced = await limited(newer(module));
        pagefind = module;
      }
      if (!q) return;
      const results = (await limited(pagefind.search(q))).results.filter((result) => !replaced.has(result.id));
      if (token === wordsToken) await showPages(results, 0, token);
    } catch (error) { giveUp(error.message === "slow" ? "words_slow" : "words_failed"); }
  }
  /** Look at pages from the `from`th on until a page of results fits the filters. */
  async function showPages(results, from, token) {
    const before = el("results").children.length, filtered = state.chosen.size > 0 || state.warrant !== "";
    const rowAt = new Map(Array.from({ length: table.n }, (_, row) => [path(row), row]));
    let at = from, fits = 0;
    while (at < results.length && fits < PAGE / 2 && at - from < FRAGMENTS) {
      const pages = await limited(Promise.all(results.slice(at, at + PAGE / 2).map((result) => result.data())));
      if (token !== wordsToken) return;
      at += pages.length;
      for (const page of pages) {
        // Pagefind names the page of a folder by the folder.
        const where = (page.raw_url ?? page.url).replace(/^\//, "").replace(/(^|\/)$/, "$1index.html"), row = rowAt.get(where);
        if (filtered && (row === undefined || !fitsAll(row))) continue;
        fits++;
        const excerpt = node("p", { className: "f-excerpt" }, ...marked(page.excerpt));
        el("results").append(row === undefined
          ? node("li", {}, node("p", { className: "f-head" }, link({ className: "f-title" }, where, page.meta.title)), excerpt)
          : card(row, [excerpt]));
      }
    }
    el("status").textContent = results.length ? forms("pages", results.length, 0) : say("nothing");
    hint(filtered && results.length ? forms("fitting", at, el("results").children.length) : say("no_counts"));
    offerMore(Math.min(results.length - at, PAGE / 2), () => {
      showPages(results, at, token).catch(() => note(say("words_failed")));
    });
    if (from && el("results").children[before]) el("results").children[before].querySelector("a").focus();
  }
  function fitsAll(row) {
    return fitsWarrant(table.rank[row]) && [...state.chosen].every(([key, chosen]) => {
      const column = table.values[key];
      return column.sets[column.of[row]].some((v) => chosen.has(v));
    });
  }
  /** The excerpt's text with its marks, and no other markup. */
  function marked(html) {
    const body = new DOMParser().parseFromString(html, "text/html").body;
    return [...body.childNodes].map((part) => part.nodeName === "MARK" ? node("mark", {}, part.textContent) : part.textContent);
  }

  // ---- Beginning ----
  let problem = "", standing = ""; // what could not be done just now; what cannot be done on this visit
  const trouble = (name) => { problem = standing = say(name); note(problem); };
  const ready = (name) => new Promise((done, failed) => {
    el(name).addEventListener("load", done);
    el(name).addEventListener("error", failed);
  });
  function listen() {
    const wide = matchMedia("(min-width: 61rem)");
    const fold = () => { el("filters").open = wide.matches; };
    wide.addEventListener("change", fold);
    fold();
    let soon;
    el("q").addEventListener("input", () => {
      clearTimeout(soon);
      soon = setTimeout(() => { state.q = el("q").value; go({ typed: true }); }, 120);
    });
    el("q").addEventListener("focus", learn, { once: true });
    el("q").form.addEventListener("submit", (event) => {
      event.preventDefault();
      clearTimeout(soon);
      if (state.q !== el("q").value) { state.q = el("q").value; go({ typed: true }); }
      typing = false;
      el("status").focus();
    });
    el("words").addEventListener("change", () => { state.words = el("words").checked; go(); });
    el("facets").closest("form").addEventListener("submit", (event) => event.preventDefault());
    addEventListener("popstate", () => { clearTimeout(soon); typing = false; problem = standing; read(); render(); });
  }
  async function begin() {
    const catalogue = ready("catalogue"), pages = ready("pages").catch(() => trouble("pages_failed"));
    const slow = setTimeout(() => note(say("slow")), WAIT);
    try { await catalogue; } catch { el("status").textContent = ""; note(say("failed")); return; } finally { clearTimeout(slow); }
    note("");
    told = window.WARRANTED_FIND;
    told.packageTitles = lines(told.packages);
    table = decoded(told, [told.rows], KINDS);
    facets = facetsOf();
    filters.drawKinds();
    listen();
    const more = script("more.js");
    // An address may ask for a filter that comes with the second list.
    const waits = [...new URLSearchParams(location.search).keys()].some((key) => LAST.includes(key) && !facets.has(key));
    if (!waits) { read(); render(); }
    await pages;
    const where = window.WARRANTED_FIND_PAGES;
    if (where) {
      told.folders = where.folders;
      told.packagePaths = lines(where.packages);
      told.ids = idsOf(where);
      if (state && !state.words) list();
    }
    try { await more; addMore(window.WARRANTED_FIND_MORE); } catch { trouble("more_failed"); }
    if (!state) read();
    render();
    if (asked) learn();
    root.dataset.complete = ""; // everything that comes by itself is here
  }
  function addMore(more) {
    if (told.ids) told.ids = told.ids.concat(idsOf(more.rows));
    told.facets.push(...more.facets);
    Object.assign(told.rows.values, more.values);
    table = decoded(told, [told.rows, more.rows], KINDS);
    facets = facetsOf();
    filters.outdate();
  }
  root.hidden = false;
  el("status").tabIndex = -1;
  el("status").textContent = say("loading");
  begin();
})();
