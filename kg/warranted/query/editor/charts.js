// Charts of an answer's rows, drawn by Observable Plot as SVG in the page; it is had when first wanted.
((query) => {
  "use strict";
  const { $, el, _, ngettext, script, written, NUMBERS, DATES } = query;
  const MOST_POINTS = 5000, MOST_SPLITS = 12;

  let from = ""; // where scripts are; empty: charts are not installed
  let answer = null;

  // `assets`: where the scripts are, or nothing if they are not installed.
  function prepare(assets) {
    from = assets;
    for (const name of ["kind", "x", "y", "split"]) $(`chart-${name}`).addEventListener("change", open);
  }

  const bound = (name) => answer.rows.map((row) => row[name]).filter(Boolean);
  const every = (name, types) => { const found = bound(name); return found.length > 0 && found.every((term) => types.has(term.datatype)); };

  // Offers the columns of an answer.
  function offer(rows) {
    answer = rows;
    const { columns } = answer;
    const numbers = columns.filter((name) => every(name, NUMBERS));
    const options = (names, none) => [...(none ? [el("option", { value: "", textContent: none })] : []), ...names.map((name) => el("option", { value: name, textContent: name }))];
    $("chart-x").replaceChildren(...options(columns));
    $("chart-y").replaceChildren(...options(numbers, _("Number of rows")));
    $("chart-split").replaceChildren(...options(columns, _("No, one for all")));
    const others = columns.filter((name) => !numbers.includes(name));
    // A name says more than the identifier beside it.
    $("chart-x").value = others.find((name) => bound(name)[0]?.type === "literal") ?? others[0] ?? columns[0] ?? "";
    $("chart-y").value = numbers.find((name) => name !== $("chart-x").value) ?? "";
  }

  async function open() {
    if (!from) return missing();
    try {
      await script(`${from}/d3.min.js`); // Plot looks for it when it starts
      await script(`${from}/plot.umd.min.js`);
    } catch { return missing(); }
    draw();
  }

  function missing() {
    $("chart-missing").hidden = false;
    $("chart-controls").hidden = true;
  }

  function valueOf(term) {
    if (NUMBERS.has(term.datatype)) return Number(term.value);
    return DATES.has(term.datatype) ? new Date(term.value) : written(term);
  }

  function draw() {
    const [kind, x, y, split] = ["kind", "x", "y", "split"].map((name) => $(`chart-${name}`).value);
    const usable = answer.rows.filter((row) => row[x] && (!y || row[y]) && (!split || row[split]));
    const points = usable.slice(0, MOST_POINTS).map((row) => ({ x: valueOf(row[x]), y: y ? valueOf(row[y]) : 1, split: split ? written(row[split]) : "" }));
    const splits = new Set(points.map((point) => point.split)).size;
    const repeats = new Set(points.map((point) => String(point.x) + point.split)).size < points.length;
    const value = !y ? _("Number of rows") : kind === "bar" && repeats ? _("Sum of %(column)s", { column: y }) : y;
    const title = _("%(value)s by %(column)s", { value, column: x });
    const left = answer.rows.length - points.length;
    const without = left ? ngettext("%(n)s row is left out: without a value, or more than can be drawn.", "%(n)s rows are left out: without a value, or more than can be drawn.", left) : "";
    $("chart-note").textContent = `${title}. ${without}`.trim();
    $("chart-save").hidden = true;
    if (!points.length) return void $("chart").replaceChildren(_("Nothing can be drawn of these columns."));
    if (splits > MOST_SPLITS) return void $("chart").replaceChildren(_("%(n)s charts would be too many; choose a column of at most %(most)s values.", { n: splits, most: MOST_SPLITS }));
    $("chart").replaceChildren(plotted(points, { kind, x, y, title, split }));
    $("chart-save").hidden = false;
  }

  function plotted(points, { kind, x, y, title, split }) {
    const width = Math.max(280, Math.min(900, $("chart").clientWidth));
    const longest = width < 500 ? 16 : 32;
    const short = (label) => (typeof label === "string" && label.length > longest ? `${label.slice(0, longest - 1)}…` : label);
    const named = points.some((point) => typeof point.x === "string");
    const lying = kind === "bar" && named; // names are long: bars lie, so that they can be read
    const room = Math.min(longest, Math.max(...points.map((point) => String(point.x).length))) * 7 + 16;
    const facet = split ? { fy: "split" } : {};
    const colour = "#2f7f9b"; // it can be told from white and from black
    const grouped = kind === "bar" ? "sum" : y ? null : "count";
    const standing = (mark, options) => mark(points, grouped ? Plot.groupX({ y: grouped }, { x: "x", y: "y", ...facet, ...options }) : { x: "x", y: "y", ...facet, ...options });
    const mark = lying ? Plot.barX(points, Plot.groupY({ x: "sum" }, { y: "x", x: "y", fill: colour, sort: { y: null }, ...facet }))
      : kind === "bar" ? standing(Plot.barY, { fill: colour })
      : kind === "line" ? standing(Plot.lineY, { stroke: colour, marker: true, sort: named ? null : "x" })
      : standing(Plot.dot, { stroke: colour, fill: colour, fillOpacity: 0.4, r: 4 });
    const along = { label: x, tickFormat: named ? short : undefined }, value = { label: y || _("Number of rows"), grid: true };
    const drawn = Plot.plot({
      width, ariaLabel: title, style: { background: "none", color: "inherit" },
      ...(lying ? { marginLeft: room, y: { ...along, labelAnchor: "top" }, x: value } : { marginLeft: 56, marginBottom: named ? room * 0.75 : 40, x: { ...along, tickRotate: named ? -45 : 0, ...(kind === "bar" ? { type: "band" } : {}) }, y: value }),
      ...(split ? { marginRight: 120, fy: { label: split, tickFormat: short } } : {}),
      marks: [mark, ...(kind === "bar" ? [lying ? Plot.ruleX([0]) : Plot.ruleY([0])] : [])],
    });
    // One picture with one name: the names that Plot gives its parts tell a reader nothing.
    for (const part of drawn.querySelectorAll("[aria-label]")) part.removeAttribute("aria-label");
    drawn.setAttribute("role", "img");
    return drawn;
  }

  // The chart as a file of its own, which leaves the page and its colours.
  function asFile() {
    const drawn = $("chart").querySelector("svg").cloneNode(true);
    Object.assign(drawn.style, { color: "#1d2a33", background: "#fff" });
    return new Blob([new XMLSerializer().serializeToString(drawn)], { type: "image/svg+xml" });
  }

  query.charts = { prepare, offer, open, asFile };
})(globalThis.warrantedQuery);
