// What every script of the query page uses. They are classic scripts, one after the other, each adding
// to one global, so that the same files work on a server's page and on one that is opened as a file.
globalThis.warrantedQuery = (() => {
  "use strict";
  const $ = (id) => document.getElementById(id);

  const el = (tag, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  };

  // --- Sentences: English here, in the page's own language from the catalogue that the page carries ---

  const catalogue = JSON.parse($("sentences")?.textContent ?? "{}");
  const language = document.documentElement.lang || "en";
  const plural = new Intl.PluralRules(language);
  const shown = (value) => (typeof value === "number" ? value.toLocaleString(language) : String(value));
  const fill = (message, values) => message.replace(/%\((\w+)\)s|%%/g, (whole, name) => (name ? shown(values[name]) : "%"));
  const _ = (message, values = {}) => fill(catalogue[message] ?? message, values);
  const ngettext = (one, many, n, values = {}) => fill(catalogue[one]?.[plural.select(n)] ?? (n === 1 ? one : many), { n, ...values });

  // What went wrong, in words for a reader: what it is, and what to do. `place`: line and column in the query.
  class Problem extends Error {
    constructor(title, detail, place = null) { super(detail); Object.assign(this, { title, place }); }
  }

  const scripts = {};
  const script = (src) => (scripts[src] ??= new Promise((resolve, reject) => {
    const fail = () => { delete scripts[src]; reject(new Error(src)); };
    document.head.append(el("script", { src, onload: resolve, onerror: fail }));
  }));

  const XSD = "http://www.w3.org/2001/XMLSchema#";
  const typed = (...names) => new Set(names.map((name) => XSD + name));
  const NUMBERS = typed("integer", "decimal", "double", "float", "int", "long", "short", "byte", "nonNegativeInteger",
    "positiveInteger", "nonPositiveInteger", "negativeInteger", "unsignedInt", "unsignedLong");
  const DATES = typed("date", "dateTime", "gYear", "gYearMonth");

  // --- Names: what the editor completes from and answers are shortened by --------------------------

  const names = { prefixes: {}, terms: [], root: "" };

  function shorten(iri) {
    let best = "";
    for (const [prefix, namespace] of Object.entries(names.prefixes)) {
      const local = iri.slice(namespace.length);
      if (iri.startsWith(namespace) && /^[\w.-]*$/.test(local) && namespace.length > (names.prefixes[best]?.length ?? 0)) best = prefix;
    }
    if (best) return `${best}:${iri.slice(names.prefixes[best].length)}`;
    return names.root && iri.startsWith(`${names.root}/`) ? iri.slice(names.root.length + 1) : iri;
  }

  // A term of an answer as text.
  function written(term) {
    if (term.type !== "triple") return term.type === "uri" ? shorten(term.value) : term.value;
    return `<< ${["subject", "predicate", "object"].map((part) => written(term.value[part])).join(" ")} >>`;
  }

  const say = (words = "") => { $("status").textContent = words; };

  return { $, el, _, ngettext, shown, say, script, shorten, written, names, Problem, NUMBERS, DATES };
})();
