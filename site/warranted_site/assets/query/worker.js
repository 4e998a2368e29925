// The worker of the query page. Oxigraph's bindings stand before it in the same script.
// In: { id, kind: "load", module, graphs } or { id, kind: "ask", … }. Out: { id, told } or { id, failed }.
(() => {
  let store = null;

  async function unpacked(packed) {
    const bytes = Uint8Array.from(atob(packed), (char) => char.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
  }

  // `module`: the compiled engine; `graphs`: N-Quads, packed; `pages`: a JSON object, packed.
  async function load({ module, graphs, pages }) {
    initSync({ module });
    store = new Store();
    for (const graph of graphs) store.load(await unpacked(graph), { format: "application/n-quads", no_transaction: true, lenient: true });
    return { triples: store.size, pages: JSON.parse(await unpacked(pages)) };
  }

  // `sources`: graphs that the query names; `media`: how to write the answer; `prefixes`: for Turtle.
  function ask({ text, sources, media, prefixes }) {
    const missing = sources.find((iri) => !store.query(`ASK { GRAPH <${iri}> { ?s ?p ?o } }`));
    if (missing !== undefined) return { missing };
    const options = { use_default_graph_as_union: sources.length === 0 };
    if (media !== "text/turtle") return { body: store.query(text, { ...options, results_format: media }) };
    return turtle(store.query(text, options), prefixes);
  }

  // Oxigraph writes Turtle without prefixes here: too long to read.
  function turtle(quads, prefixes) {
    const used = new Map();
    const shorten = (term) => term.replace(/<([^<>]*)>$/, (whole, iri) => {
      for (const [prefix, namespace] of Object.entries(prefixes)) {
        const local = iri.slice(namespace.length);
        if (iri.startsWith(namespace) && /^[A-Za-z_](?:[\w-]*\w)?$/.test(local)) {
          used.set(prefix, namespace);
          return `${prefix}:${local}`;
        }
      }
      return whole;
    });
    const subjects = new Map();
    const seen = new Set();
    for (const { subject, predicate, object } of quads) {
      const said = [subject, predicate, object].map(String);
      if (seen.size === seen.add(said.join(" ")).size) continue;
      const [s, p, o] = said.map(shorten);
      if (!subjects.has(s)) subjects.set(s, new Map());
      const predicates = subjects.get(s);
      predicates.set(p, [...(predicates.get(p) ?? []), o]);
    }
    const blocks = [...subjects].map(([s, predicates]) => {
      const lines = [...predicates].map(([p, objects]) => `${p === "rdf:type" ? "a" : p} ${objects.join(" , ")}`);
      return `${s} ${lines.join(" ;\n  ")} .\n`;
    });
    const head = [...used].map(([prefix, namespace]) => `@prefix ${prefix}: <${namespace}> .\n`);
    return { body: [head.join(""), ...blocks].join("\n"), triples: seen.size };
  }

  self.addEventListener("message", async ({ data }) => {
    const { id, kind } = data;
    try {
      postMessage({ id, told: kind === "load" ? await load(data) : ask(data) });
    } catch (error) {
      // What Oxigraph says of a query is a plain Error. Anything else (the stack or the memory is at its
      // end) leaves the engine in a state that nobody knows.
      postMessage({ id, failed: { message: String(error.message ?? error), fatal: error.constructor !== Error } });
    }
  });
})();
