// The query page on a server: it asks the endpoint that it comes from, and nobody else.
((query) => {
  "use strict";
  const { $, el, _, say, names, Problem } = query;
  const form = $("ask");
  const { assets, cite, root, iriRoot, charts } = form.dataset;
  names.root = iriRoot;

  async function send(address, text, release, accept, signal) {
    const body = new URLSearchParams({ query: text, release });
    const got = await fetch(address, { method: "POST", headers: { Accept: accept }, body, signal }).catch((error) => {
      throw error.name === "AbortError" ? error : new Problem(_("The server cannot be reached"), _("Try again in a moment."));
    });
    if (!got.ok) throw await problemOf(got);
    return got;
  }

  async function problemOf(got) {
    try {
      const told = await got.json();
      const advice = told.fix && !told.detail.includes(told.fix) ? ` ${told.fix}` : "";
      return new Problem(_("There is no answer"), told.detail + advice);
    } catch {
      return new Problem(_("The server did not answer as it should"), _("It said %(status)s and nothing else.", { status: String(got.status) }));
    }
  }

  async function ask(text, signal) {
    const got = await send(form.action, text, $("release").value, "application/sparql-results+json, text/turtle", signal);
    const cut = Number(got.headers.get("Warranted-Row-Limit"));
    return {
      body: await got.text(), json: got.headers.get("Content-Type").includes("json"),
      release: got.headers.get("Warranted-Release") ?? $("release").value, cut,
    };
  }

  const take = async (answer, media) => (await send(form.action, answer.query, answer.release, media)).blob();

  async function citeAnswer(answer) {
    const told = await (await send(cite, answer.query, answer.release, "application/json")).json();
    const formats = Object.entries(told.formats).flatMap(([name, href]) => [" · ", el("a", { href, textContent: name })]);
    $("citation").replaceChildren(
      el("p", {}, _("This answer can be asked again at"), " ", el("a", { href: told.url, textContent: told.iri }), "."),
      el("p", { textContent: told.apa }),
      el("p", {}, ...formats.slice(1)),
    );
    $("citation").hidden = false;
    say(_("The citation is below."));
  }

  // IRIs of ours lead to this server, whose release they come from. Only http is followed: an IRI may
  // say javascript:, too.
  function addressOf(iri) {
    if (iriRoot && iri.startsWith(`${iriRoot}/`)) return location.origin + root + iri.slice(iriRoot.length);
    return /^https?:\/\//i.test(iri) ? iri : null;
  }

  query.start({
    assets: charts ? assets : "", choice: $("release"), ask, take, addressOf, cite: cite ? citeAnswer : null,
    unknown: (release) => new Problem(_("That release is not here"), _("The link names release %(release)s; choose one of those there are.", { release })),
  });
  fetch(`${assets}/terms.json`).then((got) => got.json()).then((told) => Object.assign(names, told)).catch(() => {});
})(globalThis.warrantedQuery);
