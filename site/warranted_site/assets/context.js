// In my context: shows, for the chosen kind of place, what the rules said when the page was made.
// Every answer stands in the page's own table; nothing is computed or asked for here.
for (const section of document.querySelectorAll("[data-context]")) {
  const answers = JSON.parse(section.querySelector("script[type='application/json']").textContent);
  const form = section.querySelector("form");
  const status = section.querySelector("[role='status']");
  const show = () => {
    const chosen = [...form.elements].filter((e) => e.name && e.value).map((e) => e.value).sort();
    const found = answers[chosen.join(" ")];
    status.textContent = found ?? section.dataset.none;
  };
  form.hidden = false;
  form.addEventListener("change", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  show(); // a browser may have kept the choice of an earlier visit
}
