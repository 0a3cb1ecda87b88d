// form[data-auto-submit]: a filter takes effect when a choice is changed; the search box waits for Enter or the button.
(() => {
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-auto-submit]");
    if (form && event.target.type !== "search" && event.target.type !== "text") form.requestSubmit();
  });
})();
