// Adapt this package: each element kept, changed or dropped, with a reason. The answers become a theory
// made from the package, a site, an uptake for each idea that is kept, and a version for each that is
// changed. What is decided is kept in this browser until it is cleared.
(() => {
  const { data, say, mint, place, missing, tell, words, keeper, actions, showReceipt } =
    window.warrantedReturning;
  const elements = window.warrantedElements; // made from the package, beside the page
  const form = document.getElementById("form");
  const template = document.getElementById("element");
  const kept = keeper(`warranted-adapt:${data.package.id}`);
  const fresh = () => ({ receipt: "", ids: {}, values: {} });
  let state = fresh();
  const boxes = new Map(); // an element's or a part's IRI → what stands for it on the page

  /** The IRI that is minted for something, the same one as long as the page is not cleared. */
  const iri = (key, type) => {
    state.ids[key] ||= mint(type);
    return state.ids[key];
  };

  const box = (thing, heading, isPart = false) => {
    const made = template.content.firstElementChild.cloneNode(true);
    const id = `e${boxes.size}`;
    made.querySelector("legend").textContent = heading;
    if (isPart) {
      const sign = document.createElement("span");
      sign.setAttribute("aria-hidden", "true");
      sign.textContent = thing.core ? "● " : "○ ";
      const word = document.createElement("span");
      word.className = "w-small";
      word.textContent = ` (${thing.core ? words.core : words.adaptable})`;
      made.querySelector("legend").prepend(sign);
      made.querySelector("legend").append(word);
    }
    for (const radio of made.querySelectorAll("input")) radio.name = id;
    made.querySelector(".a-fates").setAttribute("aria-label", heading);
    const [now] = made.querySelectorAll(".a-now textarea");
    const [why] = made.querySelectorAll(".a-why textarea");
    now.name = `${id}-now`;
    why.name = `${id}-why`;
    now.dataset.name = `${heading}: ${words.now}`;
    why.dataset.name = `${heading}: ${words.why}`;
    boxes.set(thing.id, {
      made, thing, now, why,
      fate: () => made.querySelector(`input[name=${id}]:checked`)?.value || "",
      choose: (value) => {
        for (const radio of made.querySelectorAll(`input[name=${id}]`)) radio.checked = radio.value === value;
      },
    }); // prettier-ignore
    return made;
  };
  for (const element of elements) {
    const made = box(element, element.label);
    const inner = made.querySelector(".a-parts");
    for (const part of element.parts || []) inner.append(box(part, part.label, true));
    form.querySelector(`[data-kind=${element.kind}]`).append(made);
  }

  const of = (thing) => boxes.get(thing.id);
  const fate = (thing) => of(thing).fate();
  const now = (thing) => of(thing).now.value.trim();
  const why = (thing) => of(thing).why.value.trim();
  const hasParts = (element) => (element.parts || []).length > 0;

  const arrange = () => {
    for (const { made, thing, now: says, why: reason } of boxes.values()) {
      const chosen = fate(thing);
      const inParts = chosen === "changed" && hasParts(thing); // what is changed is said of its parts
      const own = (name) => made.querySelector(`:scope > ${name}`);
      own(".a-parts").hidden = !inParts;
      own(".a-now").hidden = chosen !== "changed" || inParts;
      own(".a-why").hidden = !chosen || chosen === "kept" || inParts;
      says.required = chosen === "changed" && !inParts;
      reason.required = (chosen === "changed" || chosen === "dropped") && !inParts;
      own(".a-loses").hidden = !(thing.core && (chosen === "dropped" || chosen === "changed"));
      own(".a-loses").textContent = words.loses;
    }
    const count = (name) => elements.filter((e) => fate(e) === name).length;
    const all = elements.length;
    const told = { kept: count("kept"), changed: count("changed"), dropped: count("dropped"), all };
    const open = all - told.kept - told.changed - told.dropped;
    const counts = [say("counts", told), open ? say("open", { n: open, all }) : ""].join(" ").trim();
    const place_ = document.getElementById("counts");
    if (place_.textContent !== counts) place_.textContent = counts;
  };

  const save = () => {
    // by IRI, so that a package published anew still finds what was decided of its elements
    state.values = { place: {}, of: {} };
    for (const e of form.querySelectorAll("#place [name]")) if (e.value) state.values.place[e.name] = e.value;
    for (const [id, b] of boxes) {
      const said = [b.fate(), b.now.value, b.why.value];
      if (said.some(Boolean)) state.values.of[id] = said;
    }
    kept.set(state);
  };

  const cut = (text, most = 140) => text.slice(0, most);
  const marked = () => (data.madeUp ? [["illustrative", "flag", true]] : []);
  const note = (text) => ["curatorNote", "plain", cut(text, 2000)];
  const ROOTS = { aim: "aim", driver: "driver", measure: "measure" };

  /** An aim, driver or measure in other words: a record of its own, made from the published one. */
  const reworded = (element, theory) => {
    const type = ROOTS[element.kind];
    const says = [
      ["label", "text", now(element)],
      ...marked(),
      ["wasDerivedFrom", "iri", element.id],
      note(say("changed_why", { why: why(element) })),
    ];
    if (type !== "measure") says.push(["statedIn", "iri", theory]);
    if (type === "driver") {
      const above = (element.up || []).map((up) => (changedAbove(up) ? iri(up, kindOf(up)) : up));
      for (const up of above) says.push(["contributesTo", "iri", up]);
      if (!above.length) says.push(["notStated", "iri", `${data.prefixes.nic}contributesTo`]);
    }
    return { id: iri(element.id, type), type: element.type, says, parts: [] };
  };
  const kindOf = (id) => ROOTS[boxes.get(id).thing.kind];
  const changedAbove = (id) => boxes.has(id) && boxes.get(id).fate() === "changed";

  /** What becomes of an idea that is kept or changed: an uptake, and a version if it is changed. */
  const takenUp = (element, site, who) => {
    const parts = element.parts || [];
    const changes = parts.filter((p) => ["changed", "dropped"].includes(fate(p)));
    const whole = fate(element) === "changed" && !parts.length;
    const needsVersion = changes.length > 0 || whole || !element.version;
    const own = iri(`${element.id} version`, "specification");
    const records = [];
    if (needsVersion) {
      const says = [
        ["label", "text", cut(say("as_at", { what: element.label, who }))],
        ["specificationOf", "iri", element.id],
        ...marked(),
      ];
      if (element.version) {
        const coreStays = !whole && !changes.some((p) => p.core);
        says.push(["revises", "iri", element.version.id]);
        if (coreStays) says.push(["inheritsEvidenceFrom", "iri", element.version.id]);
      }
      if (whole) says.push(["summary", "text", now(element)], note(say("changed_why", { why: why(element) })));
      const steps = parts.filter((p) => fate(p) !== "dropped");
      const components = steps.map((p, n) => {
        const text = fate(p) === "changed" ? now(p) : p.label;
        const inner = [["label", "text", cut(text)], ["isCore", "flag", p.core], ["sequence", "whole", String(n + 1)]];
        return ["hasComponent", { id: `${own}#step-${n + 1}`, type: "ChangeComponent", says: inner, parts: [] }];
      });
      records.push({ id: own, type: "ChangeSpecification", says, parts: components });
    }
    const id = iri(`${element.id} uptake`, "uptake");
    const says = [
      ["label", "text", cut(say("at", { what: element.label, who }))],
      ...marked(),
      ["tookUp", "iri", element.version ? element.version.id : own],
      ["atSite", "iri", site],
    ];
    if (needsVersion && element.version) says.push(["adaptedAs", "iri", own]);
    const fates = parts.map((p, n) => {
      const chosen = fate(p) || "kept";
      const inner = [["ofComponent", "iri", p.id], ["fate", "iri", data.fates[chosen]]];
      if (chosen !== "kept") inner.push(["reason", "plain", why(p)]);
      return ["hasComponentChange", { id: `${id}#change-${n + 1}`, type: "ComponentChange", says: inner, parts: [] }];
    });
    records.push({ id, type: "Uptake", says, parts: fates });
    return records;
  };

  const made = () => {
    const undecided = elements.find((e) => !fate(e));
    if (undecided) {
      const first = of(undecided).made.querySelector("input");
      tell(say("missing", { field: undecided.label }));
      first.focus();
      return null;
    }
    const open = elements
      .filter((e) => fate(e) === "changed")
      .flatMap((e) => e.parts || [])
      .find((p) => !fate(p));
    if (open) {
      tell(say("missing", { field: open.label }));
      of(open).made.querySelector("input").focus();
      return null;
    }
    if (missing(form)) return null;
    const who = form.elements.who.value.trim();
    const site = place(form, iri("site", "site"));
    const theory = iri("theory", "theory");
    const says = [
      ["label", "text", cut(say("adapted", { what: data.package.label, who }))],
      ...marked(),
      ["wasDerivedFrom", "iri", data.package.id],
    ];
    for (const e of elements) if (fate(e) === "kept") says.push(["wasDerivedFrom", "iri", e.id]);
    for (const e of elements.filter((x) => fate(x) === "dropped")) {
      const kind = document.getElementById(`kind-${e.kind}`).textContent;
      says.push(note(say("dropped", { kind, what: e.label, why: why(e) })));
    }
    const records = [{ id: theory, type: "TheoryOfImprovement", says, parts: [] }, site];
    for (const e of elements) {
      if (e.kind === "idea") {
        if (fate(e) !== "dropped") records.push(...takenUp(e, site.id, who));
      } else if (fate(e) === "changed") {
        records.push(reworded(e, theory));
      }
    }
    save(); // with the IRIs just minted, so that a file made later has the same
    return records;
  };

  const restore = () => {
    const before = kept.get();
    if (!before) return;
    state = before;
    for (const [name, value] of Object.entries(state.values.place)) {
      const e = form.elements.namedItem(name);
      if (e) e.value = value;
    }
    for (const [id, [chosen, says, reason]] of Object.entries(state.values.of)) {
      const b = boxes.get(id);
      if (!b) continue;
      b.choose(chosen);
      b.now.value = says;
      b.why.value = reason;
    }
    tell(words.restored);
    showReceipt(state.receipt);
  };

  actions(form, {
    name: "adaptation",
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
  document.getElementById("rest").addEventListener("click", () => {
    for (const b of boxes.values()) if (!b.fate() && !b.made.closest("[hidden]")) b.choose("kept");
    arrange();
    save();
  });
  form.addEventListener("input", () => {
    arrange();
    save();
  });
  restore();
  arrange();
})();
