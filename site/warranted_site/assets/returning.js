// Records made in the reader's browser: minted, written as Turtle and JSON-LD, kept, downloaded, sent.
// A record is {id, type, says: [[key, kind, value] …], parts: [[key, record] …]}; kinds are iri, text
// (in the page's language), plain, date, flag, whole and number. No request is made but by `send`.
window.warrantedReturning = (() => {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const data = read("data");
  const words = read("words");
  const CURIES = { label: "rdfs:label", comment: "rdfs:comment", wasDerivedFrom: "prov:wasDerivedFrom" };
  const ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"; // 32 letters and digits: 5 bits each

  /** A text of the page with its values put in. */
  const say = (key, values = {}) => words[key].replace(/%\((\w+)\)s/g, (_, name) => values[name]);

  /** A new IRI of that type: 60 random bits. */
  const mint = (type) => {
    const bytes = crypto.getRandomValues(new Uint8Array(12));
    return `${data.base}/id/${type}/${[...bytes].map((b) => ALPHABET[b & 31]).join("")}`;
  };

  const curie = (key) => CURIES[key] || `nic:${key}`;
  const quoted = (text) =>
    `"${text.replace(/[\\"\n\r\t]/g, (c) => ({ "\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t" })[c])}"`;
  const TERMS = {
    iri: (v) => `<${v}>`,
    text: (v) => `${quoted(v)}@${data.language}`,
    plain: quoted,
    date: (v) => `"${v}"^^xsd:date`,
    flag: (v) => String(v),
    whole: (v) => `"${v}"^^xsd:integer`,
    number: (v) => `"${v}"^^xsd:decimal`,
  };
  const node = (record) => {
    const said = record.says.map(([key, kind, value]) => `${curie(key)} ${TERMS[kind](value)}`);
    const held = record.parts.map(([key, part]) => `${curie(key)} <${part.id}>`);
    const lines = [`<${record.id}> a nic:${record.type}`, ...said, ...held].join(" ;\n    ");
    return [`${lines} .`, ...record.parts.map(([, part]) => node(part))].join("\n\n");
  };
  const turtle = (records) => {
    const prefixes = Object.entries(data.prefixes).map(([name, iri]) => `@prefix ${name}: <${iri}> .`);
    return `${prefixes.join("\n")}\n\n${records.map(node).join("\n\n")}\n`;
  };

  const put = (tree, key, value) => {
    tree[key] = key in tree ? [].concat(tree[key], value) : value;
  };
  const tree = (record) => {
    const made = { id: record.id, type: record.type };
    for (const [key, kind, value] of record.says) {
      put(made, key, kind === "text" ? { "@value": value, "@language": data.language } : value);
    }
    for (const [key, part] of record.parts) put(made, key, tree(part));
    return made;
  };
  const jsonld = (records) =>
    `${JSON.stringify({ "@context": data.context, "@graph": records.map(tree) }, null, 2)}\n`;

  const status = document.getElementById("status");
  const tell = (text) => {
    status.textContent = text;
  };

  const download = (name, text, type) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type }));
    link.download = name;
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    tell(words.ready);
  };

  /** What is kept under `key` in this browser: {get, set, clear}; a browser that keeps nothing says so. */
  const keeper = (key) => {
    let warned = false;
    const lost = () => {
      if (!warned) {
        warned = true;
        tell(words.not_kept);
        window.addEventListener("beforeunload", (event) => event.preventDefault());
      }
    };
    return {
      get() {
        try {
          return JSON.parse(localStorage.getItem(key) || "null");
        } catch {
          return null;
        }
      },
      set(value) {
        try {
          localStorage.setItem(key, JSON.stringify(value));
          if (!status.textContent) tell(words.kept);
        } catch {
          lost();
        }
      },
      clear() {
        try {
          localStorage.removeItem(key);
        } catch {
          lost();
        }
      },
    };
  };

  const showReceipt = (address) => {
    const place = document.getElementById("receipt");
    place.hidden = !address;
    place.textContent = "";
    if (!address) return;
    const link = document.createElement("a");
    link.href = address;
    link.textContent = address;
    place.append(link);
  };

  /** Send records to the hub; with the address of a receipt, in the place of what was sent before. */
  const send = async (records, before) => {
    tell(words.sending);
    const target = before || `${data.hub}/api/v1/inbox`;
    let answer;
    let told = {};
    try {
      answer = await fetch(target, {
        method: before ? "PUT" : "POST",
        headers: { "Content-Type": "application/ld+json" },
        credentials: "omit",
        referrerPolicy: "no-referrer",
        body: jsonld(records),
      });
      told = await answer.json().catch(() => ({}));
    } catch {
      tell(words.away);
      return null;
    }
    if (answer.status === 202) {
      const address = data.hub + told.receipt;
      tell(before ? words.resent : words.sent);
      showReceipt(address);
      return address;
    }
    if (answer.status === 429) {
      const seconds = Number(answer.headers.get("Retry-After")) || 60;
      tell(say("busy", { minutes: Math.ceil(seconds / 60) }));
    } else if (answer.status === 404 && before) {
      return send(records, null); // the hub no longer knows what was sent before
    } else {
      const listed = (told.errors || []).filter((e) => e.severity === "Violation").map((e) => e.message);
      tell([words.refused, ...(listed.length ? listed : [told.detail || `${answer.status}`])].join(" "));
    }
    return null;
  };

  /** The site that the form describes: the organisation, and what kind of place it is. */
  const place = (form, id) => {
    const says = [["label", "text", form.elements.who.value.trim()]];
    if (data.madeUp) says.push(["illustrative", "flag", true]);
    const values = [...form.querySelectorAll("[data-facet]")].map((s) => s.value).filter(Boolean);
    const context = {
      id: `${id}#context`,
      type: "ContextProfile",
      says: values.map((v) => ["facetValue", "iri", v]),
      parts: [],
    };
    return { id, type: "Site", says, parts: values.length ? [["hasContext", context]] : [] };
  };

  /** The first field of the form that has to be filled in and is not, which gets the focus; or null. */
  const missing = (form) => {
    const shown = (e) => !e.disabled && !e.closest("[hidden]");
    const field = [...form.elements].find((e) => shown(e) && e.willValidate && !e.checkValidity());
    if (!field) return null;
    for (let around = field.closest("details"); around; around = around.parentElement.closest("details")) {
      around.open = true;
    }
    const label = field.labels?.[0]?.firstChild?.textContent.trim();
    const name = field.dataset.name || label || field.name;
    tell(field.value ? `${name}: ${field.validationMessage}` : say("missing", { field: name }));
    field.focus();
    return field;
  };

  /** Wires the buttons below a form: `made()` gives the records, or null if something is missing. */
  const actions = (form, { name, made, receipt, sent, clear }) => {
    const files = { jsonld: [jsonld, "application/ld+json"], ttl: [turtle, "text/turtle"] };
    for (const button of form.querySelectorAll("[data-file]")) {
      button.addEventListener("click", () => {
        const records = made();
        const [write, type] = files[button.dataset.file];
        if (records) download(`${name}.${button.dataset.file}`, write(records), type);
      });
    }
    document.getElementById("print").addEventListener("click", () => window.print());
    document.getElementById("afresh").addEventListener("click", () => {
      if (!window.confirm(words.sure)) return;
      clear();
      showReceipt("");
      tell(words.cleared);
      form.elements.who.focus();
    });
    document.getElementById("send")?.addEventListener("click", async (event) => {
      const records = made();
      if (!records) return;
      event.target.disabled = true;
      try {
        const address = await send(records, receipt());
        if (address) sent(address);
      } finally {
        event.target.disabled = false;
      }
    });
    form.addEventListener("submit", (event) => event.preventDefault());
  };

  return { data, words, say, mint, place, missing, tell, keeper, actions, showReceipt };
})();
