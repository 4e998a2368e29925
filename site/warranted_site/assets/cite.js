// Copies a reference of the cite box. Without it the texts are there to be selected by hand.
(() => {
  const select = (text) => {
    const range = document.createRange();
    range.selectNodeContents(text);
    const selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
  };
  for (const box of document.querySelectorAll(".w-cite")) {
    const status = box.querySelector("[role=status]");
    for (const button of box.querySelectorAll("button[data-copy]")) {
      button.hidden = false;
      button.addEventListener("click", async () => {
        const text = document.getElementById(button.dataset.copy);
        status.textContent = "";
        try {
          await navigator.clipboard.writeText(text.textContent);
          status.textContent = box.dataset.copied;
        } catch {
          // No clipboard on a plain http address, or not allowed: the reader's own keys still work.
          select(text);
          status.textContent = box.dataset.selected;
        }
      });
    }
  }
})();
