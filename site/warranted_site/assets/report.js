// Report a test: the idea comes in the page's address, the answers become a site, a test and, where
// something was done differently, a version. What is typed is kept in this browser until it is cleared.
(() => {
  const { data, say, mint, place, missing, tell, words, keeper, actions, showReceipt } =
    window.warrantedReturning;
  const form = document.getElementById("form");
  const field = (name) => form.elements.namedItem(name);
  const asked = new URLSearchParams(location.search || location.hash.replace(/^#/, "?"));
  const ID = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/; // what the last part of a record's IRI may be
  const listed = (name) =>
    asked
      .getAll(name)
      .map((text) => [text.split("|", 1)[0], text.slice(text.indexOf("|") + 1)])
      .filter(([id]) => ID.test(id));
  const idea = asked.get("idea") || "";
  const label = asked.get("label") || idea;
  if (!ID.test(idea)) {
    form.hidden = true;
    document.getElementById("no-idea").hidden = false;
    return;
  }
  const ideaIri = `${data.base}/id/idea/${idea}`;
  data.madeUp = asked.get("made-up") === "1";
  const lead = document.getElementById("idea");
  const link = document.createElement("a");
  link.href = `${lead.dataset.root}ideas/${idea}/index.html`;
  link.textContent = label;
  lead.append(link);

  const versions = listed("v");
  const fill = (select, type, options) => {
    for (const [id, text] of options) select.append(new Option(text, `${data.base}/id/${type}/${id}`));
  };
  fill(field("version"), "specification", versions);
  fill(field("hasPrediction.ofMeasure"), "measure", listed("m"));
  const show = (id, shown) => {
    document.getElementById(id).hidden = !shown;
  };
  show("version-field", versions.length > 0);
  show("changed-field", versions.length > 0);
  show("done-field", versions.length === 0);
  field("what-done").required = versions.length === 0;

  const named = [...form.elements].filter((e) => e.name);
  const first = Object.fromEntries(named.map((e) => [e.name, e.value]));
  const kept = keeper(`warranted-report:${ideaIri}`);
  const fresh = () => ({ test: mint("test"), site: mint("site"), version: mint("specification"), receipt: "" });
  let state = fresh();
  const save = () => {
    const values = Object.fromEntries(named.filter((e) => e.value !== first[e.name]).map((e) => [e.name, e.value]));
    kept.set({ ...state, values });
  };

  const ends = (name) => (field(name).value || "").split("/").pop();
  const arrange = () => {
    const stage = ends("stage");
    const shown = {
      "not-done": stage === "not-done",
      complete: stage === "complete",
      abandon: stage === "complete" && ends("decision") === "abandon",
      harm: stage === "complete" && field("hasFinding.harmSeen").value === "yes",
    };
    for (const section of form.querySelectorAll("[data-section]")) {
      const name = section.dataset.section;
      section.hidden = !(name === "Plan" || stage === "complete" || (name === "Act" && stage === "not-done"));
    }
    for (const part of form.querySelectorAll("[data-when]")) part.hidden = !shown[part.dataset.when];
    for (const key of data.done) field(key).required = stage === "complete";
  };

  const KINDS = {
    box: "plain", line: "plain", choose: "iri", measure: "iri", date: "date",
    "yes-no": "flag", "whole-number": "whole", number: "number",
  }; // prettier-ignore
  const said = (key) => {
    const e = field(key);
    if (e.closest("[hidden]") || !e.value.trim()) return null;
    const kind = KINDS[data.kinds[key]];
    return [key.split(".").pop(), kind, kind === "flag" ? e.value === "yes" : e.value.trim()];
  };
  const cut = (text) => text.slice(0, 140);

  const made = () => {
    if (missing(form)) return null;
    const who = field("who").value.trim();
    const site = place(form, state.site);
    const marked = data.madeUp ? [["illustrative", "flag", true]] : [];
    const changed = field(versions.length ? "changed" : "what-done").value.trim();
    const tried = versions.length ? field("version").value : "";
    const records = [site];
    if (changed) {
      const says = [
        ["label", "text", cut(say("as_at", { what: label, who }))],
        ["specificationOf", "iri", ideaIri],
        ...marked,
        ...(tried ? [["revises", "iri", tried], ["modifications", "plain", changed]] : [["summary", "text", changed]]),
      ];
      records.push({ id: state.version, type: "ChangeSpecification", says, parts: [] });
    }
    const keys = Object.keys(data.kinds);
    const parts = Object.entries(data.parts).map(([above, type]) => {
      const inner = keys.filter((k) => k.startsWith(`${above}.`)).map(said).filter(Boolean);
      const name = above.replace(/^has/, "").replace(/^./, (c) => c.toLowerCase());
      return [above, { id: `${state.test}#${name}`, type, says: inner, parts: [] }];
    });
    const says = [
      ["label", "text", cut(say("at", { what: label, who }))],
      ...marked,
      ["tests", "iri", changed ? state.version : tried],
      ["atSite", "iri", state.site],
      ["stage", "iri", field("stage").value],
      ...keys.filter((k) => !k.includes(".")).map(said).filter(Boolean),
    ];
    records.push({ id: state.test, type: "PDSACycle", says, parts: parts.filter(([, p]) => p.says.length) });
    return records;
  };

  const restore = () => {
    const before = kept.get();
    if (!before) return;
    const { values, ...ids } = before;
    state = { ...state, ...ids };
    for (const e of named) if (values[e.name] !== undefined) e.value = values[e.name];
    for (const part of form.querySelectorAll("details")) {
      part.open = [...part.querySelectorAll("[name]")].some((e) => values[e.name]);
    }
    tell(words.restored);
    showReceipt(state.receipt);
  };

  actions(form, {
    name: `test-of-${idea}`,
    made,
    receipt: () => state.receipt,
    sent(address) {
      state.receipt = address;
      save();
    },
    clear() {
      form.reset();
      state = fresh();
      kept.clear();
      arrange();
    },
  });
  form.addEventListener("input", () => {
    arrange();
    save();
  });
  restore();
  arrange();
})();
