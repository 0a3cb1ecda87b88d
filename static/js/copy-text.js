// details[data-copy-text]: opening it copies its text. The clipboard of a page without https is reached through the
// selection; where neither works the text stands there selected, and what to do is said as without a script.
(() => {
  const copy = async (field) => {
    field.focus();
    field.select();
    if (navigator.clipboard && window.isSecureContext) {
      try {
        await navigator.clipboard.writeText(field.value);
        return true;
      } catch {
        // Refused by the browser: try the selection.
      }
    }
    return document.execCommand("copy");
  };
  document.querySelectorAll("details[data-copy-text]").forEach((box) => {
    const said = box.querySelector("[data-copied]");
    const before = said.textContent;
    box.addEventListener("toggle", async () => {
      said.textContent = box.open && (await copy(box.querySelector("textarea"))) ? said.dataset.copied : before;
    });
  });
})();
