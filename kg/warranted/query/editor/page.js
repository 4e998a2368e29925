// The query page: asks a source, shows what it answers, saves, shares, and takes in questions to start from.
((query) => {
  "use strict";
  const { $, el, _, ngettext, say, Problem, charts, writing } = query;
  const form = $("ask");

  // Starts the page. A source has
  //   assets           where the scripts of charts are; empty if they are not installed
  //   choice           the select of what is asked: its name stands in links
  //   unknown(value)   the problem of a link that names what is not among the choices
  //   ask(text, signal) → { body, json, release, … }, raises a Problem, or what `signal` aborts with
  //   take(answer, media) → a Blob
  //   addressOf(iri)   where an IRI leads, or null
  //   questionOf(key, example)  a question's text, where the page itself does not carry it
  //   cite(answer)     puts a citation on the page; optional
  function start(source) {
    const { choice } = source;
    let asking = null; // the request under way
    let answer = null; // what is shown: kind, query, release, columns, rows

    function complain(error) {
      const title = error instanceof Problem ? error.title : _("That did not work");
      const place = error.place && el("button", { type: "button", className: "quiet", textContent: _("Show the place"), onclick: () => writing.goTo(error.place) });
      $("error").replaceChildren(el("h2", { textContent: title }), el("p", { textContent: error.message }), ...(place ? [el("p", {}, place)] : []));
    }

    function quiet() {
      $("error").replaceChildren();
      $("shared").hidden = true;
      say();
    }

    async function attempt(work) {
      quiet();
      try { await work(); } catch (error) { complain(error); }
    }

    async function run() {
      asking?.abort();
      quiet();
      const text = writing.text();
      if (!text.trim()) return complain(new Problem(_("There is no query yet"), _("Write one, or take one of the questions.")));
      const mine = (asking = new AbortController());
      const began = performance.now();
      $("answer").hidden = true;
      $("stop").hidden = false;
      say(_("Asking …"));
      try {
        const told = await source.ask(text, mine.signal);
        const seconds = (performance.now() - began) / 1000;
        answer = { query: text, seconds, ...query.answer.read(told) };
        query.answer.show(answer, { take, addressOf: source.addressOf });
        if (source.cite) $("citation").hidden = true;
        say(_("Answered: %(size)s.", { size: query.answer.size(answer) }));
      } catch (error) {
        if (mine !== asking) return; // a later query has taken over
        if (mine.signal.aborted) return say(_("Stopped."));
        say();
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

    // --- Taking away: what is saved or cited is what is shown, whatever was typed since ---------------

    const take = (media, ending) => attempt(async () => save(await source.take(answer, media), `answer-${answer.release}.${ending}`));

    function save(blob, name) {
      const href = URL.createObjectURL(blob);
      el("a", { href, download: name }).click();
      setTimeout(() => URL.revokeObjectURL(href), 60_000);
      say(_("Saved as %(name)s.", { name }));
    }

    async function share() {
      quiet();
      const given = new URLSearchParams({ query: writing.text(), [choice.name]: choice.value });
      $("link").value = `${location.href.split("#")[0]}#${given}`;
      $("shared").hidden = false;
      try {
        await navigator.clipboard.writeText($("link").value);
        say(_("The link is copied. Who opens it finds this query here."));
      } catch { // not allowed here: then by hand
        $("link").select();
        say(_("Copy the link below. Who opens it finds this query here."));
      }
    }

    function readAddress() {
      const given = new URLSearchParams(location.hash.slice(1));
      if (!given.has("query")) return;
      writing.put(given.get("query"));
      const wanted = given.get(choice.name) || choice.options[0].value;
      if ([...choice.options].some((option) => option.value === wanted)) choice.value = wanted;
      else complain(source.unknown(wanted));
      choice.dispatchEvent(new Event("change"));
    }

    // --- Questions ------------------------------------------------------------------------------------

    function useQuestions() {
      for (const taken of document.querySelectorAll("[data-use]")) {
        const item = taken.closest("[data-question]");
        const filled = taken.dataset.use === "example";
        const text = () => source.questionOf?.(item.dataset.question, filled) ?? taken.dataset.text ?? item.querySelector("pre").textContent;
        const textContent = filled ? _("Use it, example filled in") : _("Use it");
        taken.replaceWith(el("button", { type: "button", className: "quiet", textContent, onclick: () => use(text()) }));
      }
      $("search-field").hidden = false;
      $("search").addEventListener("input", search);
    }

    function use(text) {
      quiet();
      writing.put(text);
      form.scrollIntoView();
      $("run").focus({ preventScroll: true });
      say(_("The question is in the editor. Press Run when you are ready."));
    }

    function search() {
      const wanted = $("search").value.toLowerCase().split(/\s+/).filter(Boolean);
      let found = 0;
      for (const item of document.querySelectorAll("[data-question]")) {
        const words = `${item.dataset.question} ${item.textContent} ${source.questionOf?.(item.dataset.question) ?? ""}`.toLowerCase();
        item.hidden = !wanted.every((word) => words.includes(word));
        found += item.hidden ? 0 : 1;
      }
      for (const group of document.querySelectorAll(".group")) group.hidden = !group.querySelector("li:not([hidden])");
      $("found").textContent = wanted.length ? ngettext("%(n)s question", "%(n)s questions", found) : "";
    }

    document.documentElement.classList.add("scripted");
    for (const only of document.querySelectorAll("[data-no-script]")) only.remove();
    writing.start(run);
    form.addEventListener("submit", (event) => { event.preventDefault(); run(); });
    $("query").addEventListener("keydown", (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) run(); });
    $("stop").addEventListener("click", () => asking?.abort());
    $("share").hidden = false;
    $("share").addEventListener("click", share);
    if (source.cite) $("cite").addEventListener("click", () => attempt(() => source.cite(answer)));
    charts.prepare(source.assets);
    $("chart-save").addEventListener("click", () => save(charts.asFile(), `chart-${answer.release}.svg`));
    window.addEventListener("hashchange", readAddress);
    useQuestions();
    readAddress();
    query.source = source;
    return { run, attempt };
  }

  query.start = start;
})(globalThis.warrantedQuery);
