// The query page with scripts. Whatever comes in an answer is shown as text, never as markup.
import { $, NUMBERS, chartAsFile, count, el, offer, openChart, prepareCharts } from "./charts.js";

const form = $("ask"), area = $("query");
const { assets, cite, root, iriRoot, charts } = form.dataset;
const MOST_ROWS = 1000, MOST_CHARACTERS = 100_000;
const JSON_ = ["JSON", "application/sparql-results+json", "json"], XML = ["XML", "application/sparql-results+xml", "xml"];
const DOWNLOADS = {
  rows: [["CSV", "text/csv", "csv"], ["TSV", "text/tab-separated-values", "tsv"], JSON_, XML],
  boolean: [JSON_, XML],
  graph: [["Turtle", "text/turtle", "ttl"], ["JSON-LD", "application/ld+json", "jsonld"]],
};

let known = { prefixes: {}, terms: [] };
let editor = null; // Yasqe, if it is installed
let asking = null; // the request under way
let answer = null; // what is shown: kind, query, release, columns, rows

class Problem extends Error {
  constructor(title, detail) { super(detail); this.title = title; }
}

const say = (words) => { $("status").textContent = words; };
const text = () => (editor ? editor.getValue() : area.value);

function put(query) {
  if (editor) editor.setValue(query); else area.value = query;
}

function complain(error) {
  const title = error instanceof Problem ? error.title : "That did not work";
  $("error").replaceChildren(el("h2", { textContent: title }), el("p", { textContent: error.message }));
}

function quiet() {
  $("error").replaceChildren();
  $("shared").hidden = true;
  say("");
}

// --- Asking ---------------------------------------------------------------------------------

async function send(address, query, release, accept, signal) {
  const body = new URLSearchParams({ query, release });
  const got = await fetch(address, { method: "POST", headers: { Accept: accept }, body, signal }).catch((error) => {
    throw error.name === "AbortError" ? error : new Problem("The server cannot be reached", "Try again in a moment.");
  });
  if (!got.ok) throw await problemOf(got);
  return got;
}

async function problemOf(got) {
  try {
    const told = await got.json();
    const advice = told.fix && !told.detail.includes(told.fix) ? ` ${told.fix}` : "";
    return new Problem("There is no answer", told.detail + advice);
  } catch {
    return new Problem("The server did not answer as it should", `It said ${got.status} and nothing else.`);
  }
}

async function run() {
  asking?.abort();
  quiet();
  const query = text();
  if (!query.trim()) return complain(new Problem("There is no query yet", "Write one, or take one of the questions."));
  const mine = (asking = new AbortController());
  const began = performance.now();
  $("answer").hidden = true;
  $("stop").hidden = false;
  say("Asking …");
  try {
    const accept = "application/sparql-results+json, text/turtle";
    const got = await send(form.action, query, $("release").value, accept, mine.signal);
    answer = { query, ...read(got, await got.text()), seconds: (performance.now() - began) / 1000 };
    show();
  } catch (error) {
    if (mine !== asking) return; // a later query has taken over
    if (mine.signal.aborted) return say("Stopped.");
    say("");
    complain(error);
  } finally {
    if (mine === asking) finished();
  }
}

function finished() {
  asking = null;
  if (document.activeElement === $("stop")) $("run").focus();
  $("stop").hidden = true;
}

function read(got, body) {
  const release = got.headers.get("Warranted-Release") ?? $("release").value;
  const cut = got.headers.get("Warranted-Row-Limit");
  if (!got.headers.get("Content-Type").includes("json")) return { kind: "graph", body, release, cut };
  const told = JSON.parse(body);
  if ("boolean" in told) return { kind: "boolean", yes: told.boolean, release, cut };
  return { kind: "rows", columns: told.head.vars, rows: told.results.bindings, release, cut };
}

// --- Showing --------------------------------------------------------------------------------

function show() {
  const shown = { rows: table, boolean: verdict, graph: turtle }[answer.kind]();
  const notice = cutOff();
  $("notice").textContent = notice;
  $("notice").hidden = !notice;
  $("result").replaceChildren(...shown);
  $("tabs").hidden = answer.kind !== "rows";
  if (answer.kind === "rows") offer(answer);
  select("table");
  $("after").replaceChildren("Download", ...DOWNLOADS[answer.kind].map(downloadButton));
  if (cite) $("citation").hidden = true;
  $("answer").hidden = false;
  say(`Answered: ${size()}.`);
}

function size() {
  const { kind, rows, yes } = answer;
  return kind === "rows" ? count(rows.length, "row", "rows") : kind === "graph" ? "a graph" : yes ? "yes" : "no";
}

function told() {
  const what = size();
  return `${what[0].toUpperCase()}${what.slice(1)}, in ${answer.seconds.toFixed(2)} s, from release ${answer.release}`;
}

function cutOff() {
  const what = answer.kind === "graph" ? "triples" : "rows";
  const said = answer.cut ? [`The answer was cut off after ${Number(answer.cut).toLocaleString("en")} ${what}: there are more. Ask for less, or page through them with ORDER BY, LIMIT and OFFSET.`] : [];
  if (answer.rows?.length > MOST_ROWS) said.push(`The first ${MOST_ROWS.toLocaleString("en")} of ${count(answer.rows.length, "row", "rows")} are shown; a download has them all.`);
  if (answer.body?.length > MOST_CHARACTERS) said.push("The beginning is shown; a download has it all.");
  return said.join(" ");
}

const verdict = () => [el("p", { className: "verdict", textContent: answer.yes ? "Yes" : "No" }), el("p", { className: "help", textContent: told() })];

function turtle() {
  const body = answer.body.slice(0, MOST_CHARACTERS);
  const shown = el("pre", { className: "graph", tabIndex: 0, role: "region", ariaLabel: "The graph as Turtle", textContent: body });
  return [el("p", { className: "help", textContent: told() }), shown];
}

function table() {
  const { columns, rows } = answer;
  const head = el("tr", {}, ...columns.map((name) => el("th", { scope: "col", textContent: name })));
  const body = rows.slice(0, MOST_ROWS).map((row) => el("tr", {}, ...columns.map((name) => cell(row[name]))));
  const made = el("table", {}, el("caption", { textContent: told() }), el("thead", {}, head), el("tbody", {}, ...body));
  return [el("div", { className: "scroll", tabIndex: 0, role: "region", ariaLabel: "The answer as a table" }, made)];
}

function cell(term) {
  if (!term) return el("td"); // not bound
  if (term.type === "uri") return el("td", {}, link(term.value));
  if (term.type === "bnode") return el("td", { textContent: `_:${term.value}` });
  if (term.type === "triple") return el("td", { textContent: words(term) });
  const language = term["xml:lang"];
  const title = language ? `in the language ${language}` : term.datatype ? shorten(term.datatype) : "";
  const made = el("td", { className: NUMBERS.has(term.datatype) ? "number" : "" }, el("span", { textContent: term.value, title }));
  if (language) made.lang = language;
  return made;
}

function words(term) {
  if (term.type !== "triple") return term.type === "uri" ? shorten(term.value) : term.value;
  return `<< ${["subject", "predicate", "object"].map((part) => words(term.value[part])).join(" ")} >>`;
}

function link(iri) {
  const href = addressOf(iri);
  const textContent = shorten(iri);
  return href ? el("a", { href, title: iri, textContent, className: textContent.length < 40 ? "whole" : "" }) : el("span", { textContent });
}

// IRIs of ours lead to this server, whose release they come from. Only http is followed: an IRI may
// say javascript:, too.
function addressOf(iri) {
  if (iriRoot && iri.startsWith(`${iriRoot}/`)) return location.origin + root + iri.slice(iriRoot.length);
  return /^https?:\/\//i.test(iri) ? iri : null;
}

function shorten(iri) {
  let best = "";
  for (const [prefix, namespace] of Object.entries(known.prefixes)) {
    const local = iri.slice(namespace.length);
    if (iri.startsWith(namespace) && /^[\w.-]*$/.test(local) && namespace.length > (known.prefixes[best]?.length ?? 0)) best = prefix;
  }
  if (best) return `${best}:${iri.slice(known.prefixes[best].length)}`;
  return iriRoot && iri.startsWith(`${iriRoot}/`) ? iri.slice(iriRoot.length + 1) : iri;
}

// --- Taking away ----------------------------------------------------------------------------

// What is downloaded or cited is what is shown: its query and its release, whatever was typed since.
const downloadButton = ([name, media, ending]) =>
  el("button", { type: "button", className: "quiet", textContent: name, ariaLabel: `Download ${name}`, onclick: () => attempt(() => download(media, ending)) });

async function attempt(work) {
  quiet();
  try { await work(); } catch (error) { complain(error); }
}

async function download(media, ending) {
  const { query, release } = answer;
  const got = await send(form.action, query, release, media);
  save(await got.blob(), `answer-${release}.${ending}`);
}

function save(blob, name) {
  const href = URL.createObjectURL(blob);
  el("a", { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
  say(`Saved as ${name}.`);
}

async function share() {
  quiet();
  const given = new URLSearchParams({ query: text(), release: $("release").value });
  $("link").value = `${location.origin}${location.pathname}#${given}`;
  $("shared").hidden = false;
  try {
    await navigator.clipboard.writeText($("link").value);
    say("The link is copied. Who opens it finds this query here.");
  } catch { // not allowed here: then by hand
    $("link").select();
    say("Copy the link below. Who opens it finds this query here.");
  }
}

async function citeAnswer() {
  const told = await (await send(cite, answer.query, answer.release, "application/json")).json();
  const formats = Object.entries(told.formats).flatMap(([name, href]) => [" · ", el("a", { href, textContent: name })]);
  $("citation").replaceChildren(
    el("p", {}, "This answer can be asked again at ", el("a", { href: told.url, textContent: told.iri }), "."),
    el("p", { textContent: told.apa }),
    el("p", {}, ...formats.slice(1)),
  );
  $("citation").hidden = false;
  say("The citation is below.");
}

function readAddress() {
  const given = new URLSearchParams(location.hash.slice(1));
  if (!given.has("query")) return;
  put(given.get("query"));
  const release = given.get("release") || "latest";
  if ([...$("release").options].some((option) => option.value === release)) $("release").value = release;
  else complain(new Problem("That release is not here", `The link names release ${release}; choose one of those there are.`));
}

// --- Questions ------------------------------------------------------------------------------

function useQuestions() {
  for (const taken of document.querySelectorAll("[data-use]")) {
    const item = taken.closest("[data-question]");
    const query = taken.dataset.text ?? item.querySelector("pre").textContent;
    const textContent = taken.dataset.text ? "Use it, example filled in" : "Use it";
    taken.replaceWith(el("button", { type: "button", className: "quiet", textContent, onclick: () => use(query) }));
  }
  $("search-field").hidden = false;
  $("search").addEventListener("input", search);
}

function use(query) {
  quiet();
  put(query);
  form.scrollIntoView();
  $("run").focus({ preventScroll: true });
  say("The question is in the editor. Press Run when you are ready.");
}

function search() {
  const wanted = $("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  let found = 0;
  for (const item of document.querySelectorAll("[data-question]")) {
    const words = `${item.dataset.question} ${item.textContent}`.toLowerCase();
    item.hidden = !wanted.every((word) => words.includes(word));
    found += item.hidden ? 0 : 1;
  }
  for (const group of document.querySelectorAll(".group")) group.hidden = !group.querySelector("li:not([hidden])");
  $("found").textContent = wanted.length ? count(found, "question", "questions") : "";
}

// --- The editor -----------------------------------------------------------------------------

// The word that is being typed, or null where no name belongs.
function wordAt(yasqe) {
  const cursor = yasqe.getDoc().getCursor();
  const token = yasqe.getCompleteToken();
  if (["comment", "string"].includes(yasqe.getTokenAt(cursor).type)) return null;
  if (/^prefix$/i.test(yasqe.getPreviousNonWsToken(cursor.line, token)?.string ?? "")) return null;
  return token.string.trim();
}

function completions(typed) {
  const [, prefix, word] = /^(?:([^:]*:))?(.*)$/.exec(typed.toLowerCase());
  const fits = (term) => (prefix ? term.name.startsWith(prefix) : true) && `${term.name} ${term.label}`.toLowerCase().slice(prefix?.length ?? 0).includes(word);
  const first = (term) => (term.name.toLowerCase().split(":")[1].startsWith(word) ? 0 : 1);
  const found = known.terms.filter(fits).sort((a, b) => first(a) - first(b)).map((term) => term.name);
  return found.length === 1 && found[0] === typed ? [] : found;
}

function explained(hint) {
  const term = known.terms.find((one) => one.name === hint.text);
  const render = (box) => {
    box.title = term.definition;
    box.append(term.name, el("small", { textContent: `${term.label}, ${term.kind}` }));
  };
  return { ...hint, render };
}

const completer = (name, autoShow, fits) => ({
  name, autoShow, bulk: false, persistenceId: null,
  isValidCompletionPosition: (yasqe) => { const word = wordAt(yasqe); return word !== null && fits(word); },
  get: (_yasqe, token) => completions(token.string.trim()),
  postprocessHints: (_yasqe, hints) => hints.map(explained),
});

function completers() {
  // Yasqe's own ask other hosts for classes and properties: they go, and nothing can call them back.
  delete Yasqe.Autocompleters.class;
  delete Yasqe.Autocompleters.property;
  Yasqe.defaults.autocompleters = [];
  const declared = (_yasqe, token) => Object.entries(known.prefixes).map(([prefix, namespace]) => `${prefix}: <${namespace}>`)
    .filter((line) => line.startsWith((token.autocompletionString ?? token.string).trim()));
  Yasqe.forkAutocompleter("prefixes", { name: "declared", bulk: false, persistenceId: null, get: declared }, false);
  Yasqe.registerAutocompleter(completer("names", true, (word) => /^[a-z][\w-]*:/.test(word)), false);
  Yasqe.registerAutocompleter(completer("words", false, (word) => /^[a-z]*$/i.test(word)), false);
  return ["declared", "names", "words", "variables"];
}

function startEditor() {
  if (typeof Yasqe === "undefined") return;
  const box = el("div");
  area.after(box);
  editor = new Yasqe(box, {
    value: area.value, autocompleters: completers(), screenReaderLabel: $("query-label").textContent,
    persistenceId: null, consumeShareLink: null, createShareableLink: null,
    showQueryButton: false, resizeable: false, editorHeight: "",
    extraKeys: { "Ctrl-Enter": run, "Cmd-Enter": run },
  });
  area.hidden = true;
  area.required = false; // a hidden field that must be filled would block the form
  $("query-label").addEventListener("click", () => editor.focus());
  $("editor-help").hidden = false;
  editor.on("change", tellSyntax);
  editor.on("autocompletionShown", () => Object.assign(document.querySelector(".CodeMirror-hints"), { ariaLabel: "Names that fit", tabIndex: 0 }));
}

function tellSyntax() {
  let line = 0;
  editor.getDoc().eachLine((one) => { if (one.gutterMarkers?.gutterErrorBar) line = one.lineNo() + 1; });
  $("syntax").textContent = line ? `Line ${line} cannot be read as SPARQL yet.` : "";
  $("syntax").hidden = !line;
}

// --- Tabs -----------------------------------------------------------------------------------

function select(which) {
  for (const name of ["table", "chart"]) {
    const chosen = name === which;
    $(`tab-${name}`).setAttribute("aria-selected", String(chosen));
    $(`tab-${name}`).tabIndex = chosen ? 0 : -1;
    $(`panel-${name}`).hidden = !chosen;
  }
  if (which === "chart") openChart();
}

function onTabKey(event) {
  if (!["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) return;
  event.preventDefault();
  const which = event.key === "Home" || (event.key !== "End" && event.target.id === "tab-chart") ? "table" : "chart";
  select(which);
  $(`tab-${which}`).focus();
}

// --- Start ----------------------------------------------------------------------------------

document.documentElement.classList.add("scripted");
for (const only of document.querySelectorAll("[data-no-script]")) only.remove();
try { startEditor(); } catch (error) { console.warn("The editor did not start; the plain field stays.", error); }
form.addEventListener("submit", (event) => { event.preventDefault(); run(); });
area.addEventListener("keydown", (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) run(); });
$("stop").addEventListener("click", () => asking?.abort());
$("share").hidden = false;
$("share").addEventListener("click", share);
if (cite) $("cite").addEventListener("click", () => attempt(citeAnswer));
for (const name of ["table", "chart"]) $(`tab-${name}`).addEventListener("click", () => select(name));
$("tabs").addEventListener("keydown", onTabKey);
prepareCharts(charts ? assets : "", words);
$("chart-save").addEventListener("click", () => save(chartAsFile(), `chart-${answer.release}.svg`));
window.addEventListener("hashchange", readAddress);
useQuestions();
readAddress();
known = await fetch(`${assets}/terms.json`).then((got) => got.json()).catch(() => known);
