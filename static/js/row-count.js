// form[data-row-count="Ticked: {n}"]: how many boxes of the form are ticked; what can be done with them ([data-ticked])
// is out of the way until one is. A box called "all" stands for every row of the list: the others follow it.
(() => {
  document.querySelectorAll("form[data-row-count]").forEach((form) => {
    const all = form.querySelector("input[type=checkbox][name=all]");
    const boxes = [...document.querySelectorAll(`input[type=checkbox][form="${form.id}"]`)];
    const line = form.querySelector("[data-count]");
    const acts = form.querySelector("[data-ticked]");
    const update = () => {
      const every = Boolean(all && all.checked);
      boxes.forEach((box) => {
        box.disabled = every;
      });
      const ticked = boxes.filter((box) => box.checked).length;
      line.textContent = every ? "" : form.dataset.rowCount.replace("{n}", ticked);
      acts.hidden = !every && !ticked;
    };
    boxes.concat(all || []).forEach((box) => box.addEventListener("change", update));
    window.addEventListener("pageshow", update);
    update();
  });
})();
