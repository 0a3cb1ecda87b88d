// [data-shown-when="kind=dispute"]: in sight while that choice is made (or one of several, a space between); [data-shown-when="on_spot"]: while it is ticked.
// A fieldset with data-unsent is not sent while it is out of sight.
// Choices with data-kinds fit only the kinds they name: the others are put away while another kind is chosen.
(() => {
  const form = document.querySelector("form:has([data-shown-when])");
  if (!form) return;
  const holds = (condition) => {
    const [name, value] = condition.split("=");
    const chosen = new FormData(form).getAll(name);
    return value === undefined ? chosen.length > 0 : chosen.includes(value);
  };
  const update = () => {
    form.querySelectorAll("[data-shown-when]").forEach((part) => {
      part.hidden = !part.dataset.shownWhen.split(" ").some(holds);
      if ("unsent" in part.dataset) part.disabled = part.hidden;
    });
    const kind = new FormData(form).get("kind");
    form.querySelectorAll("input[data-kinds]").forEach((input) => {
      const fits = !kind || input.dataset.kinds.split(" ").includes(kind);
      input.closest("label").hidden = !fits;
      if (!fits) input.checked = false;
    });
  };
  form.addEventListener("change", update);
  form.addEventListener("draft:restored", update);
  update();
  form.dataset.arranged = ""; // forms.css put the parts away until now
})();
