// [data-print]: a button that opens the browser's print dialogue; hidden where there is no script to answer it.
(() => {
  document.querySelectorAll("[data-print]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  });
})();
