// table[data-keys]: J and K, or the arrows, move between rows (the row's first link), Enter opens it, X ticks the row;
// any [data-key="a"] in the row, else on the page, is what the letter A does; with rows ticked, [data-key-ticked="a"] is.
// / goes to the search and ? opens the help (dialog[data-keys-help]). Never while somebody types.
(() => {
  const table = document.querySelector("table[data-keys]");
  if (!table) return;
  const help = document.querySelector("dialog[data-keys-help]");
  const links = () => [...table.querySelectorAll("tbody tr")].map((row) => row.querySelector("a[href]")).filter(Boolean);
  const typing = (target) => target.closest("input:not([type=checkbox]), textarea, select, dialog, [contenteditable]");
  const steps = { j: 1, k: -1, arrowdown: 1, arrowup: -1 };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
    const key = event.key.toLowerCase();
    const row = event.target.closest("tbody tr");
    // The arrows scroll the page until a row has been entered.
    if (key in steps && (row || key.length === 1)) {
      const all = links();
      const here = all.findIndex((link) => row && row.contains(link));
      const next = all[Math.max(0, Math.min(all.length - 1, here + steps[key]))];
      if (!next) return;
      next.focus();
      next.closest("tr").scrollIntoView({ block: "nearest" });
    } else if (key === "x" && row) {
      const box = row.querySelector("input[type=checkbox]");
      if (box) box.click();
    } else if (key === "/") {
      const search = document.querySelector("input[type=search]");
      if (!search) return;
      search.focus();
      search.select();
    } else if (key === "?" && help) {
      help.showModal();
    } else if (/^[a-z]$/.test(key)) {
      const ticked = table.querySelector("tbody input[type=checkbox]:checked");
      const act =
        (ticked && document.querySelector(`[data-key-ticked="${key}"]`)) ||
        (row && row.querySelector(`[data-key="${key}"]`)) ||
        document.querySelector(`[data-key="${key}"]`);
      if (!act) return;
      act.click();
    } else return;
    event.preventDefault();
  });
})();
