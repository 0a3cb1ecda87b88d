// a[data-dial]: a number that has just been put into the page by a tap is dialled at once, where the device can call.
(() => {
  document.addEventListener("htmx:afterSettle", (event) => {
    const link = event.detail.elt.querySelector ? event.detail.elt.querySelector("a[data-dial]") : null;
    if (link && window.matchMedia("(pointer: coarse)").matches) link.click();
  });
})();
