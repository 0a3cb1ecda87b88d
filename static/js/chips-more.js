// .chips[data-chips-shown="4"]: the first four chips and every chosen one; the rest behind a chip (data-more-label).
(() => {
  document.querySelectorAll(".chips[data-chips-shown]").forEach((box) => {
    const chips = [...box.querySelectorAll("label.chip")];
    const shown = Number(box.dataset.chipsShown);
    const folded = chips.slice(shown).filter((chip) => !chip.querySelector("input").checked);
    if (folded.length < 2) return; // one chip takes no more room than the button
    const more = document.createElement("button");
    more.type = "button";
    more.className = "chip";
    more.textContent = box.dataset.moreLabel;
    folded.forEach((chip) => (chip.hidden = true));
    more.addEventListener("click", () => {
      folded.forEach((chip) => (chip.hidden = false));
      more.remove();
      folded[0].querySelector("input").focus();
    });
    box.append(more);
  });
})();
