// What every page does besides being read: the theme, the menu on a phone, details that an address names.
(() => {
  const root = document.documentElement;

  const theme = document.querySelector(".w-theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
  const tell = () => theme.setAttribute("aria-pressed", String(isDark()));
  theme.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    try {
      localStorage.setItem("warranted-theme", root.dataset.theme);
    } catch {
      // A browser that keeps nothing shows the choice on this page only.
    }
    tell();
  });
  system.addEventListener("change", tell);
  tell();

  const menu = document.querySelector(".w-menu-button");
  const open = (is) => menu.setAttribute("aria-expanded", String(is));
  menu.addEventListener("click", () => open(menu.getAttribute("aria-expanded") !== "true"));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && menu.getAttribute("aria-expanded") === "true") {
      open(false);
      menu.focus();
    }
  });

  // Where there is room for the drawing the list that says the same is folded; a phone shows the list.
  if (matchMedia("(min-width: 48em)").matches) {
    for (const list of document.querySelectorAll("details.w-outline")) list.open = false;
  }

  const reveal = () => {
    let named = null;
    try {
      named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    } catch {
      return; // an address that was cut within a character names nothing
    }
    if (!named) return;
    for (let at = named; at; at = at.parentElement) if (at.matches("details")) at.open = true;
    if (named.matches("details")) named.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  reveal();

  // Paper has no triangle to click on.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    for (const one of closed) one.open = true;
  });
  addEventListener("afterprint", () => {
    for (const one of closed) one.open = false;
  });
})();
