// form[data-allocation]: a household is dragged onto another list, or, with the focus in its row, Alt and an arrow draw the
// border there. Lists that were open stay open when the piece is swapped, and the focus stays with the household.
(() => {
  let dragged = null;
  let open = [];
  let held = null;
  const form = () => document.querySelector("form[data-allocation]");
  const listOf = (target) => target.closest && target.closest("details[data-cadre]");

  document.addEventListener("dragstart", (event) => {
    const row = event.target.closest && event.target.closest("[data-household][draggable]");
    if (!row) return;
    dragged = row;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", row.dataset.household);
  });
  document.addEventListener("dragover", (event) => {
    const list = listOf(event.target);
    for (const each of document.querySelectorAll("details[data-cadre].over")) each.classList.toggle("over", each === list);
    if (!dragged || !list || list.contains(dragged)) return;
    list.classList.add("over");
    event.preventDefault();
  });
  document.addEventListener("dragend", () => {
    dragged = null;
    for (const each of document.querySelectorAll("details[data-cadre].over")) each.classList.remove("over");
  });
  document.addEventListener("drop", (event) => {
    const list = listOf(event.target);
    if (!dragged || !list || list.contains(dragged)) return;
    event.preventDefault();
    for (const box of form().querySelectorAll("input[name=household]:checked")) box.checked = false;
    dragged.querySelector("input[name=household]").checked = true;
    form().querySelector("select[name=cadre]").value = list.dataset.cadre;
    form().querySelector(".allocation-give button").click();
  });
  document.addEventListener("keydown", (event) => {
    if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
    const row = event.target.closest("[data-household]");
    const button = row && row.querySelector(`button[value$=":${event.key === "ArrowUp" ? "up" : "down"}"]`);
    if (!button) return;
    event.preventDefault();
    button.click();
  });
  document.addEventListener("htmx:beforeRequest", () => {
    open = [...document.querySelectorAll("details[data-cadre][open]")].map((each) => each.dataset.cadre);
    const row = document.activeElement && document.activeElement.closest("[data-household]");
    held = row && row.dataset.household;
  });
  document.addEventListener("htmx:afterSwap", () => {
    for (const each of document.querySelectorAll("details[data-cadre]")) each.open = open.includes(each.dataset.cadre);
    const row = held && document.querySelector(`[data-household="${held}"]`);
    if (!row) return;
    row.closest("details").open = true;
    const target = row.querySelector("input, button");
    if (target) target.focus();
  });
})();
