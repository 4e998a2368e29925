// Where the query is written: Yasqe if it is installed, which completes names; a plain field without it.
((query) => {
  "use strict";
  const { $, el, _, names } = query;
  const area = $("query");
  let editor = null; // Yasqe

  const text = () => (editor ? editor.getValue() : area.value);

  function put(written) {
    if (editor) editor.setValue(written); else area.value = written;
  }

  // Puts the cursor at a line and a column of the query, counted from one.
  function goTo([line, column]) {
    if (editor) {
      editor.focus();
      editor.getDoc().setCursor(line - 1, column - 1);
      return;
    }
    const before = area.value.split("\n").slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
    area.focus();
    area.setSelectionRange(before + column - 1, before + column);
  }

  // --- Completion ---------------------------------------------------------------------------------

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
    const found = names.terms.filter(fits).sort((a, b) => first(a) - first(b)).map((term) => term.name);
    return found.length === 1 && found[0] === typed ? [] : found;
  }

  function explained(hint) {
    const term = names.terms.find((one) => one.name === hint.text);
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
    const declared = (_yasqe, token) => Object.entries(names.prefixes).map(([prefix, namespace]) => `${prefix}: <${namespace}>`)
      .filter((line) => line.startsWith((token.autocompletionString ?? token.string).trim()));
    Yasqe.forkAutocompleter("prefixes", { name: "declared", bulk: false, persistenceId: null, get: declared }, false);
    Yasqe.registerAutocompleter(completer("names", true, (word) => /^[a-z][\w-]*:/.test(word)), false);
    Yasqe.registerAutocompleter(completer("words", false, (word) => /^[a-z]*$/i.test(word)), false);
    return ["declared", "names", "words", "variables"];
  }

  // --- Start --------------------------------------------------------------------------------------

  // Puts Yasqe in the place of the field, where it stands; without it the field stays. `run` asks the query.
  function start(run) {
    if (editor || typeof Yasqe === "undefined") return;
    const box = el("div");
    const [begin, end, focused] = [area.selectionStart, area.selectionEnd, document.activeElement === area];
    try {
      area.after(box);
      editor = new Yasqe(box, {
        value: area.value, autocompleters: completers(), screenReaderLabel: $("query-label").textContent,
        persistenceId: null, consumeShareLink: null, createShareableLink: null,
        showQueryButton: false, resizeable: false, editorHeight: "",
        extraKeys: { "Ctrl-Enter": run, "Cmd-Enter": run },
      });
    } catch (error) {
      box.remove();
      return void console.warn("The editor did not start; the plain field stays.", error);
    }
    const doc = editor.getDoc();
    doc.setSelection(doc.posFromIndex(begin), doc.posFromIndex(end));
    area.hidden = true;
    area.required = false; // a hidden field that must be filled would block the form
    if (focused) editor.focus();
    $("query-label").addEventListener("click", () => editor.focus());
    $("editor-help").hidden = false;
    editor.on("change", tellSyntax);
    editor.on("autocompletionShown", () => Object.assign(document.querySelector(".CodeMirror-hints"), { ariaLabel: _("Names that fit"), tabIndex: 0 }));
    tellSyntax();
  }

  function tellSyntax() {
    let line = 0;
    editor.getDoc().eachLine((one) => { if (one.gutterMarkers?.gutterErrorBar) line = one.lineNo() + 1; });
    $("syntax").textContent = line ? _("Line %(line)s cannot be read as SPARQL yet.", { line }) : "";
    $("syntax").hidden = !line;
  }

  query.writing = { text, put, goTo, start };
})(globalThis.warrantedQuery);
