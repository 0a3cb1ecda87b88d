// [data-phrases="ID"]: a tap on [data-insert] puts the sentence into that field, where the caret is.
(() => {
  document.querySelectorAll("[data-phrases]").forEach((box) => {
    const field = document.getElementById(box.dataset.phrases);
    if (!field) return;
    const chips = [...box.querySelectorAll("[data-insert]")];
    const shown = Number(box.dataset.chipsShown);
    box.hidden = false;
    if (chips.length > shown + 1) {
      const more = Object.assign(document.createElement("button"), { type: "button", className: "chip", textContent: box.dataset.moreLabel });
      chips.slice(shown).forEach((chip) => (chip.hidden = true));
      more.addEventListener("click", () => {
        chips.forEach((chip) => (chip.hidden = false));
        more.remove();
        chips[shown].focus();
      });
      box.append(more);
    }
    box.addEventListener("click", (event) => {
      const chip = event.target.closest("[data-insert]");
      if (!chip) return;
      const [from, to] = [field.selectionStart, field.selectionEnd];
      field.setRangeText(chip.dataset.insert, from, to, "end");
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
  });
})();
