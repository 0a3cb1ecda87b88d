// [data-drop]: a file dropped on the zone goes into its file input. Without JavaScript the input alone does it.
(() => {
  document.querySelectorAll("[data-drop]").forEach((zone) => {
    const input = zone.querySelector("input[type=file]");
    if (!input) return;
    const name = zone.querySelector("[data-drop-name]");
    zone.querySelectorAll("[data-drop-hint]").forEach((hint) => { hint.hidden = false; });
    // The browser words its own control in its own language: the label and the file's name say it in the page's.
    input.classList.add("visually-hidden");
    const tell = () => { name.textContent = input.files.length ? input.files[0].name : ""; };
    input.addEventListener("change", tell);
    window.addEventListener("pageshow", tell);
    zone.addEventListener("dragover", (event) => {
      event.preventDefault();
      zone.classList.add("is-over");
    });
    ["dragleave", "dragend"].forEach((name) => zone.addEventListener(name, () => zone.classList.remove("is-over")));
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      zone.classList.remove("is-over");
      if (event.dataTransfer.files.length) {
        input.files = event.dataTransfer.files;
        input.dispatchEvent(new Event("change", { bubbles: true }));
      }
    });
  });
})();
