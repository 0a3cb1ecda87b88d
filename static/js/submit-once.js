// A form is sent once: a second tap while the first is on its way does nothing. What was typed stays.
// Asked for twice by a page it still listens once: two listeners would each take the other's submit for a second tap.
(() => {
  if (document.documentElement.dataset.submitOnce) return;
  document.documentElement.dataset.submitOnce = "1";
  const release = (form) => {
    delete form.dataset.sent;
    form.querySelectorAll("button[aria-disabled]").forEach((button) => button.removeAttribute("aria-disabled"));
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    // aria-disabled, not disabled: a disabled button would not send its own name and value.
    form.querySelectorAll("button[type=submit], button:not([type])").forEach((button) => {
      button.setAttribute("aria-disabled", "true");
    });
  });
  // Back from the next page, or a request that never left: the form can be sent again.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) document.querySelectorAll("form[data-sent]").forEach(release);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target.closest ? event.target.closest("form[data-sent]") : null;
    if (form) release(form);
  });
  window.addEventListener("offline", () => document.querySelectorAll("form[data-sent]").forEach(release));
})();
