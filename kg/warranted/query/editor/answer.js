// Shows an answer as a table, as yes or no, or as a graph. What comes in it is shown as text, never as markup.
((query) => {
  "use strict";
  const { $, el, _, ngettext, shorten, written, NUMBERS } = query;
  const MOST_ROWS = 1000, MOST_CHARACTERS = 100_000;
  const JSON_ = ["JSON", "application/sparql-results+json", "json"], XML = ["XML", "application/sparql-results+xml", "xml"];
  const DOWNLOADS = {
    rows: [["CSV", "text/csv", "csv"], ["TSV", "text/tab-separated-values", "tsv"], JSON_, XML],
    boolean: [JSON_, XML],
    graph: [["Turtle", "text/turtle", "ttl"], ["JSON-LD", "application/ld+json", "jsonld"]],
  };

  // What a source told, as what is shown: kind, columns and rows, or yes, or the graph's text.
  function read({ body, json, ...told }) {
    if (!json) return { ...told, kind: "graph", body };
    const found = JSON.parse(body);
    if ("boolean" in found) return { ...told, kind: "boolean", yes: found.boolean };
    return { ...told, kind: "rows", columns: found.head.vars, rows: found.results.bindings };
  }

  // Shows `answer`; `take(media, ending)` saves it as a file, `addressOf` says where an IRI leads.
  function show(answer, { take, addressOf }) {
    const notice = cutOff(answer);
    $("notice").textContent = notice;
    $("notice").hidden = !notice;
    $("result").replaceChildren(...{ rows: table, boolean: verdict, graph: turtle }[answer.kind](answer, addressOf));
    $("tabs").hidden = answer.kind !== "rows";
    if (answer.kind === "rows") query.charts.offer(answer);
    select("table");
    const button = ([name, media, ending]) => el("button", {
      type: "button", className: "quiet", textContent: name, ariaLabel: _("Download %(format)s", { format: name }), onclick: () => take(media, ending),
    });
    $("after").replaceChildren(_("Download"), ...DOWNLOADS[answer.kind].map(button));
    $("answer").hidden = false;
  }

  function size({ kind, rows, yes, triples }) {
    if (kind === "rows") return ngettext("%(n)s row", "%(n)s rows", rows.length);
    if (kind === "boolean") return yes ? _("yes") : _("no");
    return triples === undefined ? _("a graph") : ngettext("a graph of %(n)s triple", "a graph of %(n)s triples", triples);
  }

  function told(answer) {
    const what = size(answer);
    const size_ = what[0].toUpperCase() + what.slice(1);
    return _("%(size)s, in %(seconds)s s, from release %(release)s", { size: size_, seconds: answer.seconds.toFixed(2), release: answer.from ?? answer.release });
  }

  function cutOff({ kind, cut, rows, body }) {
    const said = [];
    if (cut && kind === "graph") said.push(_("The answer was cut off after %(n)s triples: there are more. Ask for less, or page through them with ORDER BY, LIMIT and OFFSET.", { n: cut }));
    else if (cut) said.push(_("The answer was cut off after %(n)s rows: there are more. Ask for less, or page through them with ORDER BY, LIMIT and OFFSET.", { n: cut }));
    if (rows?.length > MOST_ROWS) said.push(_("The first %(shown)s of %(n)s rows are shown; a download has them all.", { shown: MOST_ROWS, n: rows.length }));
    if (body?.length > MOST_CHARACTERS) said.push(_("The beginning is shown; a download has it all."));
    return said.join(" ");
  }

  const verdict = (answer) => [el("p", { className: "verdict", textContent: answer.yes ? _("Yes") : _("No") }), el("p", { className: "help", textContent: told(answer) })];

  function turtle(answer) {
    const body = answer.body.slice(0, MOST_CHARACTERS);
    const shown = el("pre", { className: "graph", tabIndex: 0, role: "region", ariaLabel: _("The graph as Turtle"), textContent: body });
    return [el("p", { className: "help", textContent: told(answer) }), shown];
  }

  function table(answer, addressOf) {
    const { columns, rows } = answer;
    const head = el("tr", {}, ...columns.map((name) => el("th", { scope: "col", textContent: name })));
    const body = rows.slice(0, MOST_ROWS).map((row) => el("tr", {}, ...columns.map((name) => cell(row[name], addressOf))));
    const made = el("table", {}, el("caption", { textContent: told(answer) }), el("thead", {}, head), el("tbody", {}, ...body));
    return [el("div", { className: "scroll", tabIndex: 0, role: "region", ariaLabel: _("The answer as a table") }, made)];
  }

  function cell(term, addressOf) {
    if (!term) return el("td"); // not bound
    if (term.type === "uri") return el("td", {}, link(term.value, addressOf(term.value)));
    if (term.type === "bnode") return el("td", { textContent: `_:${term.value}` });
    if (term.type === "triple") return el("td", { textContent: written(term) });
    const language = term["xml:lang"];
    const title = language ? _("in the language %(language)s", { language }) : term.datatype ? shorten(term.datatype) : "";
    const made = el("td", { className: NUMBERS.has(term.datatype) ? "number" : "" }, el("span", { textContent: term.value, title }));
    if (language) made.lang = language;
    return made;
  }

  function link(iri, href) {
    const textContent = shorten(iri);
    return href ? el("a", { href, title: iri, textContent, className: textContent.length < 40 ? "whole" : "" }) : el("span", { textContent, title: iri });
  }

  // --- Tabs ---------------------------------------------------------------------------------------

  function select(which) {
    for (const name of ["table", "chart"]) {
      const chosen = name === which;
      $(`tab-${name}`).setAttribute("aria-selected", String(chosen));
      $(`tab-${name}`).tabIndex = chosen ? 0 : -1;
      $(`panel-${name}`).hidden = !chosen;
    }
    if (which === "chart") query.charts.open();
  }

  function onTabKey(event) {
    if (!["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) return;
    event.preventDefault();
    const which = event.key === "Home" || (event.key !== "End" && event.target.id === "tab-chart") ? "table" : "chart";
    select(which);
    $(`tab-${which}`).focus();
  }

  for (const name of ["table", "chart"]) $(`tab-${name}`).addEventListener("click", () => select(name));
  $("tabs").addEventListener("keydown", onTabKey);

  query.answer = { read, show, size };
})(globalThis.warrantedQuery);
