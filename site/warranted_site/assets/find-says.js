// What Find says: its sentences in the reader's language, the names of kinds and levels, and the elements they stand in.
window.WARRANTED_SAYS = (() => {
  "use strict";
  const el = (id) => document.getElementById(`find-${id}`);
  const says = JSON.parse(el("says").textContent);
  const language = document.documentElement.lang || "en";
  const plural = new Intl.PluralRules(language);
  const KINDS = says.kinds.map(([kind]) => kind), kindNames = new Map(says.kinds);
  const NO_LEVEL = -9;

  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const number = (n) => n.toLocaleString(language);
  function say(name, values = {}) { return fill(says.say[name], values); }
  function forms(name, n, found) {
    const all = says.plurals[name], wanted = plural.select(n);
    const match = Object.keys(all).find((k) => plural.select(Number(k)) === wanted) ?? "2";
    return fill(all[match], { n: number(n), found: number(found) });
  }
  function node(tag, properties = {}, ...children) {
    const made = document.createElement(tag);
    for (const [key, value] of Object.entries(properties)) {
      if (key in made) made[key] = value; else made.setAttribute(key, value);
    }
    made.append(...children);
    return made;
  }
  const levels = new Map(says.levels.map(([rank, label, dots]) => [rank, { rank, label, dots }]));
  function badge(rank) {
    const level = levels.get(rank);
    const dots = node("span", { className: "w-dots", "aria-hidden": "true" }, level.dots);
    return node("span", { className: `w-level w-level-${rank < 0 ? "aside" : rank}` }, dots, ` ${level.label}`);
  }
  return { el, says, KINDS, kindNames, NO_LEVEL, number, say, forms, node, levels, badge };
})();
