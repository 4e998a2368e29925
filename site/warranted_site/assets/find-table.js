// What Find counts: the catalogue's columns as arrays (see find/catalogue.py), and how many rows fit.
// Nothing here touches the page.
window.WARRANTED_TABLE = (() => {
  "use strict";
  const lines = (text) => (text ? text.split("\n") : []);
  const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const sizeOf = (part) => part.kinds.reduce((sum, [, count]) => sum + count, 0);

  /** Numbers from steps: 3, 1, -1 → 3, 4, 3. */
  function walked(steps, start = 0) { let at = start; return steps.map((step) => (at += step)); }
  function setsOf([stepped, steps]) {
    let at = 0;
    const sets = stepped.map((one) => { const set = walked(one, at); at = set.at(-1) ?? at; return set; });
    return [sets, steps === 0 ? 0 : walked(steps)];
  }
  const MINTED = "abcdefghijkmnpqrstuvwxyz23456789";
  const PACKED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  /** The ids of rows: minted ones stand apart, five letters of 6 bits for six of 5. */
  function idsOf({ ids, minted }) {
    let at = 0;
    const half = () => {
      let bits = 0, text = "";
      for (const end = at + 5; at < end; at++) bits = bits * 64 + PACKED.indexOf(minted[at]);
      for (let shift = 25; shift >= 0; shift -= 5) text += MINTED[(bits >> shift) & 31];
      return text;
    };
    return ids === "" && minted === "" ? [] : ids.split("\n").map((id) => id || half() + half());
  }
  /** The files' columns as arrays, a place for each row; `kinds`: their names in the order they are shown. */
  function decoded(told, parts, kinds) {
    const n = parts.reduce((sum, part) => sum + sizeOf(part), 0);
    const rows = { n, kind: new Uint8Array(n), title: [], language: [], rank: new Int8Array(n),
      places: [], madeUp: new Uint8Array(n), packages: [], values: {} };
    for (const facet of told.facets) rows.values[facet.key] = { sets: [[]], of: new Uint32Array(n) };
    let start = 0;
    for (const part of parts) {
      const size = sizeOf(part);
      const each = ([values, of], put) => {
        for (let i = 0; i < size; i++) put(start + i, values[of === 0 ? 0 : of[i]]);
      };
      let at = start;
      for (const [kind, count] of part.kinds) { rows.kind.fill(kinds.indexOf(kind), at, at + count); at += count; }
      rows.title = rows.title.concat(lines(part.titles));
      each(part.languages, (row, value) => { rows.language[row] = value; });
      each(part.ranks, (row, value) => { rows.rank[row] = value; });
      each(part.places, (row, value) => { rows.places[row] = value; });
      each(part.made_up, (row, value) => { rows.madeUp[row] = value; });
      each(setsOf(part.packages), (row, value) => { rows.packages[row] = value; });
      for (const [key, coded] of Object.entries(part.values)) {
        const column = rows.values[key], offset = column.sets.length, [sets, of] = setsOf(coded);
        column.sets = column.sets.concat(sets);
        for (let i = 0; i < size; i++) column.of[start + i] = offset + (of === 0 ? 0 : of[i]);
      }
      start += size;
    }
    rows.folded = rows.title.map((title, row) => folded(`${title} ${packagesOf(told, rows, row)}`));
    // What really happened first, the strongest first, then by title.
    rows.order = Uint32Array.from({ length: n }, (_, i) => i).sort((a, b) =>
      rows.madeUp[a] - rows.madeUp[b] || rows.rank[b] - rows.rank[a] || (rows.folded[a] < rows.folded[b] ? -1 : 1));
    return rows;
  }
  /** How many rows there are of the kind with that number. */
  const totalOf = (rows, kind) => rows.kind.reduce((sum, one) => sum + (one === kind), 0);
  const packagesOf = (told, rows, row) => rows.packages[row].map((p) => told.packageTitles[p]).join(" ");

  /**
   * The rows that fit, and for each value of each filter how many rows fit the words and every *other*
   * filter. Values of one filter are alternatives; filters all hold.
   *
   * `chosen`: filter → set of its values' numbers. `score`: row → how well its title fits; null: no words.
   * Gives `hits`, the fitting rows of the kind in their order; `others`, those of each kind; `kinds` and
   * `ranks`, how many of each; `values`, filter → a number for each value.
   */
  function counted({ table, facets, chosen, kinds: names, kind, fitsWarrant, score }) {
    const keys = [...facets.keys()], size = keys.length, wanted = names.indexOf(kind);
    const columns = keys.map((key) => table.values[key]);
    const passes = keys.map((key, f) => {
      const taken = chosen.get(key);
      return taken?.size ? columns[f].sets.map((set) => set.some((v) => taken.has(v))) : null;
    });
    const inSets = columns.map((column) => new Uint32Array(column.sets.length));
    const ranks = new Map(), kinds = new Uint32Array(names.length), hits = [], others = names.map(() => []);
    for (const row of table.order) {
      if (score && !score.has(row)) continue;
      let missed = 0, by = -1;
      for (let f = 0; f < size && missed < 2; f++) {
        if (passes[f] && !passes[f][columns[f].of[row]]) { missed++; by = f; }
      }
      if (missed < 2 && !fitsWarrant(table.rank[row])) { missed++; by = size; }
      if (missed === 0) { kinds[table.kind[row]]++; others[table.kind[row]].push(row); }
      if (missed > 1 || table.kind[row] !== wanted) continue;
      if (missed === 0) hits.push(row);
      for (let f = 0; f < size; f++) if (missed === 0 || by === f) inSets[f][columns[f].of[row]]++;
      if (missed === 0 || by === size) ranks.set(table.rank[row], (ranks.get(table.rank[row]) ?? 0) + 1);
    }
    const values = new Map(keys.map((key, f) => {
      const sums = new Uint32Array(facets.get(key).ids.length);
      columns[f].sets.forEach((set, s) => { if (inSets[f][s]) for (const v of set) sums[v] += inSets[f][s]; });
      return [key, sums];
    }));
    if (score) for (const list of [hits, ...others]) list.sort((a, b) => score.get(b) - score.get(a));
    return { hits, others, kinds, ranks, values };
  }
  return { lines, folded, packagesOf, idsOf, totalOf, decoded, counted };
})();
