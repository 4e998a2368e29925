// Keeps what is typed on this device until it is sent, so that a lost connection loses nothing.
for (const form of document.querySelectorAll("form[data-keep]")) {
  const key = "kept:" + location.pathname;
  const fields = () => [...form.elements].filter((e) => e.name && e.name !== "version" && e.type !== "hidden");
  const wrong = document.querySelector(".wrong, .told");
  try {
    const kept = JSON.parse(localStorage.getItem(key) || "{}");
    if (!wrong) {
      for (const e of fields()) {
        if (!(e.name in kept)) continue;
        if (e.type === "radio") e.checked = e.value === kept[e.name];
        else if (!e.value) e.value = kept[e.name];
      }
    }
  } catch { localStorage.removeItem(key); }
  form.addEventListener("input", () => {
    const said = {};
    for (const e of fields()) if (e.type !== "radio" || e.checked) said[e.name] = e.value;
    localStorage.setItem(key, JSON.stringify(said));
  });
  form.addEventListener("submit", () => localStorage.removeItem(key));
}
