// [data-wall]: the meeting by keyboard. Page down and Page up go to the same field of the next line and the one before;
// J and K (or the arrows) do so while nobody types. A line that was saved hands the cursor to the next one; a line that
// could not be saved (409, 422) comes back with its words.
(() => {
  const wall = document.querySelector("[data-wall]");
  if (!wall) return;
  const rows = () => [...wall.children];
  const fields = (row) => [...row.querySelectorAll("input:not([type=hidden]), button")];
  const typing = (target) => target.matches("input, textarea, select");
  const steps = { pagedown: 1, pageup: -1, j: 1, k: -1, arrowdown: 1, arrowup: -1 };

  const go = (from, by) => {
    const all = rows();
    const here = from ? all.indexOf(from) : -1;
    const row = all[Math.max(0, Math.min(all.length - 1, here + by))];
    const at = from ? fields(from).indexOf(document.activeElement) : 0;
    const field = row && fields(row)[Math.max(0, at)];
    if (!field) return;
    field.focus();
    row.scrollIntoView({ block: "nearest" });
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const key = event.key.toLowerCase();
    const row = event.target.closest(".wall-row");
    if (key === "escape" && row) {
      event.target.blur();
      row.tabIndex = -1;
      row.focus();
      return;
    }
    if (!(key in steps) || (typing(event.target) && !key.startsWith("page")) || event.target.closest("dialog")) return;
    go(row, row ? steps[key] : 1);
    event.preventDefault();
  });

  document.addEventListener("htmx:beforeSwap", (event) => {
    if (![409, 422].includes(event.detail.xhr.status)) return;
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const row = event.detail.elt.closest(".wall-row");
    if (!row) return;
    if (!row.hasAttribute("data-saved")) {
      const field = fields(row)[0];
      if (field && !row.contains(document.activeElement)) field.focus();
      return;
    }
    const count = document.querySelector("[data-decided]");
    if (count) count.textContent = Number(count.textContent) + 1;
    const next = row.nextElementSibling || row;
    fields(next)[0].focus();
  });
})();
