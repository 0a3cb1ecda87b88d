// .chips[data-folds]: the chips of [data-folded] that are not chosen stay behind the button [data-more].
// forms.css shows the row so from the first moment; data-ready says that the script has taken over.
// What htmx brings later is taken over as it comes.
(() => {
  const fold = (box) => {
    const chosen = (chip) => chip.querySelector("input").checked;
    const folded = [...box.querySelectorAll("[data-folded]")].filter((chip) => !chosen(chip));
    const more = box.querySelector("[data-more]");
    const show = (chip) => (chip.hidden = false);
    folded.forEach((chip) => (chip.hidden = true));
    more.hidden = !folded.length;
    more.addEventListener("click", () => {
      folded.forEach(show);
      more.remove();
      folded[0].querySelector("input").focus();
    });
    box.closest("form")?.addEventListener("draft:restored", () => folded.filter(chosen).forEach(show));
    box.dataset.ready = "";
  };
  const foldAll = () => document.querySelectorAll(".chips[data-folds]:not([data-ready])").forEach(fold);
  foldAll();
  document.addEventListener("htmx:afterSwap", foldAll);
})();
