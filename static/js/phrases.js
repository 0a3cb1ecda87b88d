// [data-phrases="ID"]: a tap on [data-insert] puts the sentence into that field, where the caret is.
(() => {
  document.querySelectorAll("[data-phrases]").forEach((box) => {
    const field = document.getElementById(box.dataset.phrases);
    if (!field) return;
    const folded = [...box.querySelectorAll("[data-folded]")];
    const more = box.querySelector("[data-more]");
    box.hidden = false;
    folded.forEach((chip) => (chip.hidden = true));
    if (more) {
      more.hidden = false;
      more.addEventListener("click", () => {
        folded.forEach((chip) => (chip.hidden = false));
        more.remove();
        folded[0].focus();
      });
    }
    box.dataset.ready = "";
    box.addEventListener("click", (event) => {
      const chip = event.target.closest("[data-insert]");
      if (!chip) return;
      const [from, to] = [field.selectionStart, field.selectionEnd];
      field.setRangeText(chip.dataset.insert, from, to, "end");
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
  });
})();
