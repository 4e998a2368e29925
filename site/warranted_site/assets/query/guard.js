// Looks at a query before the engine does, as the server does: what it asks for, from which graphs, and
// where its LIMIT stands. What is in a string, an IRI or a comment is never mistaken for a word.
((query) => {
  "use strict";
  const { _, Problem } = query;
  const TOKEN = /(?<string>"""(?:[^"\\]|\\.|"(?!""))*"""|'''(?:[^'\\]|\\.|'(?!''))*'''|"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*')|(?<iri><[^<>"{}|^`\\\x00-\x20]*>)|(?<comment>#[^\n\r]*)|(?<variable>[?$][\p{L}\p{N}_]+)|(?<name>@?[\p{L}_][\p{L}\p{N}_.-]*(?<!\.):?[\p{L}\p{N}_.%\\-]*|:[\p{L}\p{N}_.%\\-]*)|(?<number>\d[\w.+-]*)|(?<other>\S)/gsu;
  const FORMS = new Set(["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"]);
  const UPDATES = new Set(["INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH"]);

  // form: one of FORMS; sources: IRIs after FROM and FROM NAMED; limited(n): the text, asking for at most
  // n rows; limit: its own, or null. Raises a Problem for what is never answered here.
  function look(text) {
    let form = "", depth = 0, before = ["", ""], values = null, limit = null;
    const prefixes = {}, sources = [];
    for (const { groups, 0: token, index } of text.matchAll(TOKEN)) {
      if (groups.comment) continue;
      let word = "";
      if (groups.name) {
        word = token.toUpperCase();
        if (word === "SERVICE") throw new Problem(_("SERVICE is refused"), _("This page asks no other server. Take the SERVICE part out, or run the query where you may reach both."));
        if (UPDATES.has(word) && !form) throw new Problem(_("%(word)s is refused", { word }), _("This page only answers queries. Use SELECT, ASK, CONSTRUCT or DESCRIBE."));
        if (FORMS.has(word) && !form) form = word;
        if (word === "VALUES" && depth === 0) values = index;
        if (token.includes(":") && from(before)) {
          const [prefix, local] = [token.slice(0, token.indexOf(":")), token.slice(token.indexOf(":") + 1)];
          sources.push((prefixes[prefix.toUpperCase()] ?? "") + local.replaceAll("\\", ""));
        }
      } else if (groups.iri) {
        const iri = token.slice(1, -1);
        if (before[0] === "PREFIX") prefixes[before[1].slice(0, -1)] = iri;
        else if (from(before)) sources.push(iri);
      } else if (groups.number) {
        if (depth === 0 && before[1] === "LIMIT" && /^\d+$/.test(token)) limit = { index, end: index + token.length, rows: Number(token) };
      } else if ("{([".includes(token)) depth += 1;
      else if ("})]".includes(token)) depth -= 1;
      before = [before[1], word];
    }
    if (!form) throw new Problem(_("This is no query yet"), _("It has no SELECT, ASK, CONSTRUCT or DESCRIBE. Begin it with one of them."));
    const at = values ?? text.length;
    const limited = (rows) => (limit
      ? text.slice(0, limit.index) + Math.min(rows, limit.rows) + text.slice(limit.end)
      : `${text.slice(0, at)}\nLIMIT ${rows}\n${text.slice(at)}`);
    return { form, sources, limited, limit: limit?.rows ?? null };
  }

  const from = ([two, one]) => one === "FROM" || (two === "FROM" && one === "NAMED");

  query.look = look;
})(globalThis.warrantedQuery);
