// form[data-row-count="Ticked: {n}"]: how many boxes of the form are ticked; it is out of the way until one is.
(() => {
  document.querySelectorAll("form[data-row-count]").forEach((form) => {
    const boxes = [...document.querySelectorAll(`input[type=checkbox][form="${form.id}"]`)];
    const line = form.querySelector("[data-count]");
    const update = () => {
      const ticked = boxes.filter((box) => box.checked).length;
      line.textContent = form.dataset.rowCount.replace("{n}", ticked);
      line.hidden = false;
      form.hidden = !ticked;
    };
    boxes.forEach((box) => box.addEventListener("change", update));
    window.addEventListener("pageshow", update);
    update();
  });
})();
