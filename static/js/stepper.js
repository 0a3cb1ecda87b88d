// [data-stepper]: − and + beside a number field, within its min and max.
(() => {
  document.querySelectorAll("[data-stepper]").forEach((box) => {
    const field = box.querySelector("input");
    const buttons = [...box.querySelectorAll("button[data-step]")];
    const limits = () => {
      const value = Number(field.value || 0);
      buttons.forEach((button) => {
        const next = value + Number(button.dataset.step);
        button.disabled = (field.min !== "" && next < Number(field.min)) || (field.max !== "" && next > Number(field.max));
      });
    };
    buttons.forEach((button) => {
      button.hidden = false;
      button.addEventListener("click", () => {
        field.value = Number(field.value || 0) + Number(button.dataset.step);
        field.dispatchEvent(new Event("input", { bubbles: true }));
        field.dispatchEvent(new Event("change", { bubbles: true }));
      });
    });
    field.addEventListener("input", limits);
    box.dataset.ready = "1";
    limits();
  });
})();
