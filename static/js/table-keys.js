// table[data-keys]: J and K move between rows (the row's first link), X ticks the row, Enter opens it;
// any [data-key="a"] in the row, else on the page, is what the letter A does. Never while somebody types.
(() => {
  const table = document.querySelector("table[data-keys]");
  if (!table) return;
  const links = () => [...table.querySelectorAll("tbody tr")].map((row) => row.querySelector("a[href]")).filter(Boolean);
  const typing = (target) => target.closest("input:not([type=checkbox]), textarea, select, dialog, [contenteditable]");

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
    const key = event.key.toLowerCase();
    const row = event.target.closest("tbody tr");
    if (key === "j" || key === "k") {
      const all = links();
      const here = all.findIndex((link) => row && row.contains(link));
      const next = all[Math.max(0, Math.min(all.length - 1, here + (key === "j" ? 1 : -1)))];
      if (next) next.focus();
    } else if (key === "x" && row) {
      const box = row.querySelector("input[type=checkbox]");
      if (box) box.click();
    } else if (/^[a-z]$/.test(key)) {
      const act = (row && row.querySelector(`[data-key="${key}"]`)) || document.querySelector(`[data-key="${key}"]`);
      if (!act) return;
      act.click();
    } else return;
    event.preventDefault();
  });
})();
