// The query page of the static site: Oxigraph answers in this browser, in a worker that can be stopped.
// Engine and data are had when they are first wanted; from a file they come in scripts.
((query) => {
  "use strict";
  const { $, el, _, ngettext, shown, say, script, names, Problem, writing } = query;
  const { root, site, engine: megabytes, charts, editor, iriRoots } = $("ask").dataset;
  const assets = `${site}assets/query`, folder = `${site}query`;
  const fromFile = location.protocol === "file:";
  const choice = $("data");
  const MOST_ROWS = 100_000, PATIENCE = 15_000, MANY = 30;
  const OTHERWISE = "warranted sparql all.nq.gz";
  names.root = iriRoots.split(" ")[0];

  // --- What scripts hand over -------------------------------------------------------------------------

  const held = {}; // name of a slice → { triples, graph, pages }
  let slices = null, questions = {}, inScript = null, pages = {};
  Object.assign(globalThis, {
    warrantedData: (name, figures, graph, where) => { held[name] = { ...figures, graph, pages: where }; },
    warrantedSlices: (told) => { slices = told; },
    warrantedQuestions: (told) => { questions = told; },
    warrantedTerms: (told) => Object.assign(names, told),
    warrantedEngine: (source, wasm) => { inScript = { source, wasm }; },
  });

  async function fetched(name) {
    try { await script(`${folder}/${name}.js`); } catch {
      throw new Problem(_("The data could not be loaded"), fromFile
        ? _("The file query/%(name)s.js is missing beside this page. Take the whole site along.", { name })
        : _("Check the connection, and run the query again."));
    }
  }

  // --- The engine -------------------------------------------------------------------------------------

  let compiled = null; // promise of the engine
  let worker = null; // { port, slice, calls }

  function supported() {
    if (!megabytes) throw new Problem(_("The query engine was not bundled with this site"), _("Download all.nq.gz from the page Data and run: %(command)s", { command: OTHERWISE }));
    if (typeof WebAssembly === "object" && typeof DecompressionStream === "function" && typeof Worker === "function") return;
    throw new Problem(_("This browser cannot run the query engine"), _("It lacks WebAssembly or what unpacks files, or they are switched off. Use a browser of 2023 or later, or download all.nq.gz from the page Data and run: %(command)s", { command: OTHERWISE }));
  }

  // The compiled engine; loads it if that was not done before.
  function load(signal) {
    supported();
    if (compiled) return compiled;
    $("load").disabled = true;
    compiled = (fromFile ? engineFromScript() : engineFromServer(signal)).then(loaded, (error) => {
      compiled = null;
      quarter = -1;
      $("progress").hidden = true;
      $("load").disabled = false;
      throw error;
    });
    return compiled;
  }

  function loaded(module) {
    $("engine").replaceChildren(el("p", { className: "help", textContent: _("The query engine is loaded. Queries are answered in this browser; nothing you write leaves it.") }));
    return module;
  }

  async function engineFromServer(signal) {
    const bytes = [];
    try {
      const got = await fetch(`${assets}/oxigraph.wasm.gz`, { signal });
      if (!got.ok) throw new Error(String(got.status));
      let size = 0;
      for (const reader = got.body.getReader(); ;) {
        const { done, value } = await reader.read();
        if (done) break;
        bytes.push(value);
        size += value.length;
        progress(size);
      }
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new Problem(_("The query engine could not be loaded"), _("Check the connection, and run the query again."));
    }
    return compile(new Blob(bytes));
  }

  async function engineFromScript() {
    progress(0);
    try { await script(`${assets}/engine.js`); } catch {
      throw new Problem(_("The query engine could not be loaded"), _("The file assets/query/engine.js is missing beside this page. Take the whole site along."));
    }
    const packed = Uint8Array.from(atob(inScript.wasm), (char) => char.charCodeAt(0));
    inScript.wasm = "";
    return compile(new Blob([packed]));
  }

  // Some hosts send what is packed as it is, others have browsers unpack it on the way.
  async function compile(blob) {
    const [first] = new Uint8Array(await blob.slice(0, 1).arrayBuffer());
    const stream = first === 0x1f ? blob.stream().pipeThrough(new DecompressionStream("gzip")) : blob.stream();
    try {
      return await WebAssembly.compile(await new Response(stream).arrayBuffer());
    } catch {
      throw new Problem(_("This browser cannot run the query engine"), _("It lacks WebAssembly or what unpacks files, or they are switched off. Use a browser of 2023 or later, or download all.nq.gz from the page Data and run: %(command)s", { command: OTHERWISE }));
    }
  }

  let quarter = -1;
  function progress(size) {
    const total = Number(megabytes) * 1e6;
    const share = Math.min(1, size / total);
    $("progress").hidden = false;
    if (size) $("progress").value = share; // without a value it shows that something is under way
    if (Math.floor(share * 4) === quarter) return; // said four times, not a hundred
    quarter = Math.floor(share * 4);
    say(size ? _("Loading the query engine: %(part)s of %(total)s MB.", { part: shown(Number((share * Number(megabytes)).toFixed(1))), total: shown(Number(megabytes)) }) : _("Loading the query engine, %(total)s MB.", { total: shown(Number(megabytes)) }));
  }

  // --- The worker -------------------------------------------------------------------------------------

  function stop() {
    if (!worker) return;
    worker.port.terminate();
    for (const { reject } of worker.calls.values()) reject(new DOMException("Stopped", "AbortError"));
    worker = null;
  }

  function spawn(slice) {
    const address = fromFile ? URL.createObjectURL(new Blob([inScript.source], { type: "text/javascript" })) : `${assets}/worker.js`;
    const made = { port: new Worker(address), slice, calls: new Map(), ready: null };
    made.port.addEventListener("message", ({ data: { id, told, failed } }) => {
      const call = made.calls.get(id);
      made.calls.delete(id);
      if (failed) call.reject(Object.assign(new Error(failed.message), failed)); else call.resolve(told);
    });
    made.port.addEventListener("error", (event) => {
      event.preventDefault();
      for (const { reject } of made.calls.values()) reject(Object.assign(new Error(event.message), { fatal: true }));
      made.calls.clear();
    });
    return made;
  }

  let calls = 0;
  const call = (message, signal) => new Promise((resolve, reject) => {
    const id = (calls += 1);
    signal?.addEventListener("abort", stop, { once: true });
    const ended = (settle) => (value) => { signal?.removeEventListener("abort", stop); settle(value); };
    worker.calls.set(id, { resolve: ended(resolve), reject: ended(reject) });
    worker.port.postMessage({ ...message, id });
  });

  // Makes the worker hold that slice.
  async function prepare(slice, signal) {
    const module = await load(signal);
    signal?.throwIfAborted();
    if (worker?.slice === slice) return;
    stop();
    const [, title, triples] = sliceOf(slice);
    say(_("Loading the data: %(title)s, %(n)s triples.", { title: title || nameOf(slice), n: triples + slices.words[2] }));
    for (const name of ["words", slice]) await fetched(name);
    await fetched("terms");
    signal?.throwIfAborted();
    worker = spawn(slice);
    try {
      ({ pages } = await call({ kind: "load", module, graphs: [held.words.graph, held[slice].graph], pages: held[slice].pages }, signal));
    } catch (error) {
      stop();
      throw error;
    }
  }

  // --- The source ---------------------------------------------------------------------------------------

  async function asked(text, media, slice, signal) {
    const { form, sources, limited, limit } = query.look(text);
    const graph = form === "CONSTRUCT" || form === "DESCRIBE";
    const capped = form === "SELECT" && (limit === null || limit > MOST_ROWS);
    try {
      await prepare(slice, signal);
      say(_("Asking …"));
      const began = performance.now();
      const late = setTimeout(() => say(_("Still asking after %(n)s seconds. Stop it if you like, and ask for less.", { n: PATIENCE / 1000 })), PATIENCE);
      const message = { kind: "ask", text: capped ? limited(MOST_ROWS + 1) : text, sources, media: media ?? (graph ? "text/turtle" : "application/sparql-results+json"), prefixes: names.prefixes };
      const told = await call(message, signal).finally(() => clearTimeout(late));
      if (told.missing !== undefined) throw new Problem(_("There is no answer"), _("There is no graph <%(iri)s> in this part of the data, and none is fetched from elsewhere. Take the FROM out, or choose other data.", { iri: told.missing }));
      return { ...told, graph, capped, seconds: (performance.now() - began) / 1000 };
    } catch (error) {
      if (signal?.aborted || error instanceof Problem) throw error;
      if (error.fatal) stop();
      throw problemOf(error, text);
    }
  }

  function problemOf(error, text) {
    if (error.fatal) return new Problem(_("The query was too much for this browser"), _("The engine ran out of memory or was nested too deep, and was started anew. Ask for less at once, or choose a smaller part of the data. Larger queries are answered by: %(command)s", { command: OTHERWISE }));
    const at = /^error at (\d+):(\d+): (.*)$/s.exec(error.message);
    if (!at) return new Problem(_("There is no answer"), error.message);
    const [line, column] = [Number(at[1]), Number(at[2])];
    const before = (text.split("\n")[line - 1] ?? "").slice(0, column - 1);
    const prefix = at[3].includes("Prefix not found") ? /([\w.-]*):[^\s:]*\s*$/.exec(before)?.[1] : undefined;
    const what = prefix === undefined ? shortened(at[3].replace(/\s+/g, " ")) : _("the prefix %(prefix)s: is not declared. Write at the beginning: %(line)s", { prefix, line: `PREFIX ${prefix}: <${names.prefixes[prefix] ?? "…"}>` });
    return new Problem(_("The query cannot be read"), _("Line %(line)s, character %(column)s: %(what)s", { line: String(line), column: String(column), what }), [line, column]);
  }

  const shortened = (what) => (what.length > 200 ? `${what.slice(0, 200)}…` : what);

  async function ask(text, signal) {
    const slice = choice.value;
    const { body, graph, capped, seconds, triples } = await asked(text, null, slice, signal);
    const from = _("%(release)s, %(title)s", { release: slices.release, title: nameOf(slice) });
    return { ...cutOff(body, capped), triples, json: !graph, seconds, slice, release: slices.release, from };
  }

  function cutOff(body, capped) {
    if (!capped || body.length < MOST_ROWS) return { body };
    const found = JSON.parse(body);
    if (found.results.bindings.length <= MOST_ROWS) return { body };
    found.results.bindings.length = MOST_ROWS;
    return { body: JSON.stringify(found), cut: MOST_ROWS };
  }

  async function take({ query: text, slice, cut }, media) {
    const whole = cut ? query.look(text).limited(cut) : text;
    const { body } = await asked(whole, media, slice);
    return new Blob([body], { type: media });
  }

  // Records lead to their pages, terms to theirs; what else is ours has no page and leads nowhere. Only
  // http is followed: an IRI may say javascript:, too.
  function addressOf(iri) {
    const page = pages[iri] ?? pages[iri.split("#")[0]];
    if (page) return root + page;
    const { nic, nics } = names.prefixes;
    const term = names.terms.find((known) => known.iri === iri);
    if (term) {
      if (iri.startsWith(nic)) {
        const key = iri.slice(nic.length);
        return `${root}ns/${term.kind === "class" ? `${key}/index.html` : `index.html#${key}`}`;
      }
      if (iri.startsWith(nics)) {
        const [scheme, concept] = iri.slice(nics.length).split("/");
        return `${root}scheme/${scheme}/index.html${concept ? `#${concept}` : ""}`;
      }
    }
    if (iriRoots.split(" ").some((own) => iri.startsWith(`${own}/`))) return null;
    return /^https?:\/\//i.test(iri) ? iri : null;
  }

  // --- Which data ---------------------------------------------------------------------------------------

  const sliceOf = (name) => [slices.first, ...slices.packages].find(([one]) => one === name);
  const nameOf = (name) => sliceOf(name)[1] || (name === "all" ? _("everything") : _("summary"));
  const PARTS = {
    "1-packages": _("packages and networks"), "2-ideas": _("change ideas and their drivers"), "3-warrant": _("levels of warrant"),
    "4-theory": _("aims and drivers"), "5-measures": _("measures"),
  };

  function option([name, title, triples]) {
    const words = name === "all" ? _("Everything in this release") : name === "summary" ? _("A summary of this release") : title;
    return el("option", { value: name, textContent: ngettext("%(title)s (%(n)s triple)", "%(title)s (%(n)s triples)", triples, { title: words }) });
  }

  function offer() {
    const wanted = $("narrow").value.toLowerCase();
    const chosen = choice.value;
    const found = slices.packages.filter(([name, title]) => name === chosen || `${name} ${title}`.toLowerCase().includes(wanted));
    choice.replaceChildren(option(slices.first), el("optgroup", { label: _("One package") }, ...found.map(option)));
    if (chosen) choice.value = chosen;
  }

  function explain() {
    const [name, , , bytes] = sliceOf(choice.value);
    const size = _("%(size)s MB of data.", { size: shown(Math.max(0.1, Number(((bytes + slices.words[3]) / 1e6).toFixed(1)))) });
    if (name !== "summary") return void ($("slice").textContent = size);
    const list = new Intl.ListFormat(document.documentElement.lang || "en", { type: "conjunction" });
    const kept = list.format(slices.parts.map((part) => PARTS[part]));
    const left = list.format([...Object.keys(PARTS).filter((part) => !slices.parts.includes(part)).map((part) => PARTS[part]), _("tests of change"), _("figures over time"), _("statements"), _("sources")]);
    $("slice").textContent = `${size} ${_("The whole release is %(n)s triples, too many for a phone. The summary has %(kept)s. It leaves out %(left)s: for those choose a package.", { n: slices.triples, kept, left })}`;
  }

  // --- Start --------------------------------------------------------------------------------------------

  // The editor is larger than the rest of the page: it comes when somebody is about to write.
  let woken = null;
  const wake = (run) => (woken ??= (async () => {
    if (!editor) return;
    document.head.append(el("link", { rel: "stylesheet", href: `${assets}/yasqe.min.css` }));
    try {
      await script(`${assets}/yasqe.min.js`);
      await script(`${folder}/terms.js`);
    } catch { return; } // the plain field stays
    writing.start(run);
  })());

  function begin() {
    if (!slices) {
      $("ask").hidden = true;
      return void $("error").replaceChildren(el("h2", { textContent: _("The data could not be loaded") }), el("p", { textContent: _("The file query/%(name)s.js is missing beside this page. Take the whole site along.", { name: "slices" }) }));
    }
    offer();
    $("narrowing").hidden = slices.packages.length <= MANY;
    $("narrow").addEventListener("input", offer);
    choice.addEventListener("change", explain);
    explain();
    const { run, attempt } = query.start({
      assets: charts ? assets : "", choice, ask, take, addressOf,
      questionOf: (key, filled) => questions[key]?.[filled ? 1 : 0],
      unknown: () => new Problem(_("That part of the data is not here"), _("The link names a package that this release does not have; choose among those there are.")),
    });
    $("ask").hidden = false;
    $("query").addEventListener("focus", () => wake(run), { once: true });
    $("questions").addEventListener("click", (event) => { if (event.target.matches("button")) wake(run); });
    $("load")?.addEventListener("click", () => attempt(async () => {
      wake(run);
      await prepare(choice.value);
      say(_("The query engine and the data are loaded."));
    }));
  }

  document.addEventListener("DOMContentLoaded", begin);
})(globalThis.warrantedQuery);
