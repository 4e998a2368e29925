// Find's filters on the page: built once for a kind, then only their numbers change.
// `now` gives what is so just then: `table`, `facets`, `state` and `counts`, null where nothing is counted.
// `go` shows what a changed `state` asks for.
window.WARRANTED_FILTERS = (now, go) => {
  "use strict";
  const { folded, totalOf } = window.WARRANTED_TABLE;
  const { el, says, KINDS, kindNames, NO_LEVEL, number, say, node, levels } = window.WARRANTED_SAYS;
  const TIMES = says.times.map(([time]) => time);
  const FIRST_VALUES = 7, MOST_VALUES = 60;

  let drawn = null; // { kind, total, counts: [[option, its number, whether it is chosen]], shows: lists to fill }
  function option(type, name, text, checked, change) {
    const input = node("input", { type, name, checked, onchange: () => change(input.checked) });
    const count = node("span", { className: "f-count" });
    return { input, count, label: node("label", { className: "f-option" }, input, node("span", { className: "f-name" }, ...text), count) };
  }
  function drawKinds() {
    const box = el("kinds");
    if (box.querySelector("label")) return;
    for (const kind of KINDS) {
      const made = option("radio", "find-kind", [kindNames.get(kind)], false, () => { now.state.kind = kind; go(); });
      made.input.value = kind;
      box.append(made.label);
    }
  }
  /** Whether those on the page are for this kind, with all its rows. */
  const stand = () => drawn?.kind === now.state.kind && drawn.total === totalOf(now.table, KINDS.indexOf(now.state.kind));
  /** There are more filters than those on the page: they do not stand any more. */
  function outdate() { drawn = drawn && { kind: "" }; }
  function draw() {
    const { table, facets, state } = now;
    const open = new Set([...el("facets").querySelectorAll("details[open]")].map((d) => d.dataset.facet));
    const first = drawn === null, wanted = KINDS.indexOf(state.kind), sections = [];
    drawn = { kind: state.kind, total: totalOf(table, wanted), counts: [], shows: [] };
    if (table.rank.some((rank, row) => rank !== NO_LEVEL && table.kind[row] === wanted)) {
      sections.push(section("warrant", says.facets.warrant, warrantOptions([...levels.keys()])));
    }
    for (const facet of facets.values()) {
      const totals = new Uint32Array(facet.ids.length), column = table.values[facet.key];
      for (let row = 0; row < table.n; row++) if (table.kind[row] === wanted) for (const v of column.sets[column.of[row]]) totals[v]++;
      const held = [...totals.keys()].filter((v) => totals[v] || state.chosen.get(facet.key)?.has(v));
      if (!held.length) continue;
      held.sort(facet.key === "time" ? (a, b) => TIMES.indexOf(facet.ids[a]) - TIMES.indexOf(facet.ids[b])
        : (a, b) => totals[b] - totals[a] || (folded(facet.names[a]) < folded(facet.names[b]) ? -1 : 1));
      sections.push(section(facet.key, facet.label, valueOptions(facet, held)));
    }
    const { name, value } = el("facets").contains(document.activeElement) ? document.activeElement : {};
    el("facets").replaceChildren(...sections);
    if (name) [...el("facets").querySelectorAll("input")].find((input) => input.name === name && input.value === value)?.focus();
    const roomy = matchMedia("(min-width: 61rem)").matches;
    sections.forEach((made, i) => { made.open = first ? state.chosen.has(made.dataset.facet) || (made.dataset.facet === "warrant" && !!state.warrant) || (roomy && i < 4) : open.has(made.dataset.facet); });
  }
  function section(key, name, content) {
    const box = node("fieldset", {}, node("legend", { className: "w-visually-hidden" }, name));
    if (says.notes[key]) box.append(node("p", { className: "w-small f-about" }, says.notes[key]));
    box.append(...content);
    return node("details", { className: "f-facet", "data-facet": key }, node("summary", {}, name), box);
  }
  function warrantOptions(ranked) {
    const named = [["", [say("any")], () => true]];
    for (const rank of ranked) {
      const { label, dots } = levels.get(rank);
      const shape = node("span", { className: "w-dots", "aria-hidden": "true" }, `${dots} `);
      if (rank > 0) named.push([`${rank}`, [shape, rank === Math.max(...ranked) ? label : say("at_least", { level: label })], (r) => r >= rank]);
      else named.push([`just${rank}`, [shape, say("only", { level: label })], (r) => r === rank]);
    }
    return named.map(([value, text, fits]) => {
      const made = option("radio", "find-warrant", text, now.state.warrant === value, () => { now.state.warrant = value; go(); });
      made.input.value = value;
      drawn.counts.push([made, (c) => [...c.ranks].reduce((sum, [rank, n]) => sum + (fits(rank) ? n : 0), 0), () => now.state.warrant === value]);
      return made.label;
    });
  }
  function valueOptions(facet, held) {
    const list = node("div", { className: "f-values" });
    const made = new Map();
    let all = false, part = "";
    const of = (v) => {
      if (!made.has(v)) {
        const one = option("checkbox", facet.key, [facet.names[v]], false, (on) => {
          const { chosen } = now.state, values = chosen.get(facet.key) ?? new Set();
          if (on) values.add(v); else values.delete(v);
          if (values.size) chosen.set(facet.key, values); else chosen.delete(facet.key);
          go();
        });
        one.input.value = facet.ids[v];
        drawn.counts.push([one, (c) => c.values.get(facet.key)[v], () => now.state.chosen.get(facet.key)?.has(v) ?? false]);
        made.set(v, one);
      }
      return made.get(v).label;
    };
    const long = held.length > FIRST_VALUES;
    const show = () => {
      const { counts } = now;
      const taken = (v) => now.state.chosen.get(facet.key)?.has(v);
      // A long list leaves out what fits nothing; in a short one each value keeps its place.
      const fitting = held.filter((v) => taken(v) || (folded(facet.names[v]).includes(part) && (!long || !counts || counts.values.get(facet.key)[v])));
      const shown = fitting.filter((v, i) => taken(v) || i < (all || part ? MOST_VALUES : FIRST_VALUES)).map(of);
      const focused = list.contains(document.activeElement) ? document.activeElement : null;
      if (shown.length !== list.children.length || shown.some((label, i) => label !== list.children[i])) {
        list.replaceChildren(...shown);
        focused?.focus();
      }
      for (const button of more) {
        button.hidden = fitting.length <= FIRST_VALUES || fitting.length > MOST_VALUES || part !== "";
        button.textContent = all ? say("show_fewer") : say("show_all", { n: number(fitting.length) });
        button.setAttribute("aria-expanded", `${all}`);
      }
    };
    const refresh = () => { show(); renumber(); };
    const more = long ? [node("button", { type: "button", className: "f-link", onclick: () => { all = !all; refresh(); } })] : [];
    const narrow = held.length > MOST_VALUES ? [node("input", { type: "search", className: "f-narrow", autocomplete: "off",
      placeholder: say("narrow", { name: facet.label }), "aria-label": say("narrow", { name: facet.label }),
      oninput: (event) => { part = folded(event.target.value.trim()); refresh(); } })] : [];
    show();
    drawn.shows.push(show);
    return [...narrow, list, ...more];
  }
  function update() {
    for (const show of drawn.shows) show();
    renumber();
  }
  function renumber() {
    const { counts } = now;
    for (const [one, count, on] of drawn.counts) {
      const n = counts ? count(counts) : 0;
      one.input.checked = on();
      one.count.textContent = counts ? number(n) : "";
      one.label.classList.toggle("f-empty", counts !== null && n === 0);
      one.input.disabled = counts !== null && n === 0 && !one.input.checked;
    }
  }
  return { drawKinds, stand, outdate, draw, update, renumber };
};
