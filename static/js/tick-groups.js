// form[data-tick-groups]: [data-tick-all] ticks every box of its fieldset, or none when all are; while [data-tick-range]
// is pressed (or the shift key is), the second tick brings along all rows since the first. The button with
// data-ticked-label="Save {n} visits" (and data-ticked-one) says how many there are.
(() => {
  document.querySelectorAll("form[data-tick-groups]").forEach((form) => {
    const label = form.querySelector("[data-ticked-label]");
    const plain = label && label.textContent;
    const boxes = (part) => [...part.querySelectorAll("input[name=households]")];
    let last = null;

    const update = () => {
      form.querySelectorAll("[data-tick-all], [data-tick-range]").forEach((button) => (button.hidden = false));
      if (!label) return;
      const count = boxes(form).filter((box) => box.checked).length;
      const words = (count === 1 && label.dataset.tickedOne) || label.dataset.tickedLabel;
      label.textContent = count ? words.replace("{n}", count) : plain;
    };
    const changed = () => {
      form.dispatchEvent(new Event("input", { bubbles: true }));
      update();
    };
    const all = (own) => {
      const every = own.every((box) => box.checked);
      own.forEach((box) => (box.checked = !every));
      changed();
    };
    const upTo = (box, part) => {
      const own = boxes(part);
      const [from, to] = [own.indexOf(last), own.indexOf(box)].sort((a, b) => a - b);
      if (from >= 0) own.slice(from, to + 1).forEach((other) => (other.checked = true));
      last = null;
      changed();
    };
    const ticked = (event) => {
      const part = event.target.closest("fieldset");
      const range = part.querySelector("[data-tick-range][aria-pressed=true]");
      if ((range || event.shiftKey) && event.target.checked && last && part.contains(last) && last !== event.target) {
        if (range) range.setAttribute("aria-pressed", "false");
        upTo(event.target, part);
      } else last = event.target.checked ? event.target : null;
    };
    form.addEventListener("click", (event) => {
      if (event.target.name === "households") ticked(event);
      const button = event.target.closest("[data-tick-all], [data-tick-range]");
      if (!button) return;
      if (button.matches("[data-tick-all]")) all(boxes(button.closest("fieldset")));
      else button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
    });
    form.addEventListener("change", update);
    form.addEventListener("draft:restored", update);
    form.addEventListener("htmx:afterSwap", update);
    update();
  });
})();
