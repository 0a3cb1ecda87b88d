// [data-issue-blocks]: the blocks of a form's issues, one after the other: the next offers itself when the last is open.
// A block can be removed again, which empties it, so that it is not sent. One that is begun must have its title and
// category before the form goes out: coming back for them would cost the chosen photos.
(() => {
  document.querySelectorAll("[data-issue-blocks]").forEach((box) => {
    const blocks = [...box.querySelectorAll("details")];
    const fields = (block) => [...block.querySelectorAll("input[type=text], textarea, select")];
    const written = (block) => fields(block).some((field) => field.value.trim() !== "");

    const insist = (block) => {
      const begun = written(block);
      block.querySelectorAll("[name$=-title], [name$=-category]").forEach((field) => (field.required = begun));
    };
    const arrange = () => {
      blocks.forEach(insist);
      const last = blocks.findLastIndex((block) => block.open || written(block));
      blocks.forEach((block, index) => {
        block.hidden = index > last + 1;
        block.toggleAttribute("data-open", block.open);
      });
    };
    blocks.forEach((block) => {
      const remove = document.createElement("button");
      remove.type = "button";
      remove.className = "btn btn-sm btn-link issue-remove";
      remove.textContent = box.dataset.removeLabel;
      remove.addEventListener("click", () => {
        fields(block).forEach((field) => (field.value = ""));
        block.open = false;
        block.querySelector("summary").focus();
        block.dispatchEvent(new Event("input", { bubbles: true }));
      });
      block.querySelector(".card").prepend(remove);
      block.addEventListener("input", () => insist(block));
      block.addEventListener("toggle", () => {
        arrange();
        if (block.open && !written(block)) fields(block)[0].focus();
      });
    });
    box.closest("form").addEventListener("draft:restored", () => {
      blocks.filter(written).forEach((block) => (block.open = true));
      arrange();
    });
    blocks.filter(written).forEach((block) => (block.open = true));
    arrange();
    box.dataset.ready = "";
  });
})();
