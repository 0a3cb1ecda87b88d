// [data-issue-blocks] with the table of words in #word-table: while a title is typed, kind and category are proposed from
// the longest word that stands in it, as ledger/rules/guessing.py does; whatever somebody chose is never changed. Below
// the category stands what to ask and the guides of the one that is chosen. Needs no network.
(() => {
  const island = document.getElementById("word-table");
  const box = document.querySelector("[data-issue-blocks]");
  if (!island || !box) return;
  const { words, helps } = JSON.parse(island.textContent);

  const guess = (written) => {
    const typed = written.toLowerCase();
    const found = words
      .map(([text, kind, category]) => ({ at: typed.indexOf(text.toLowerCase()), long: text.length, kind, category }))
      .filter((word) => word.at >= 0 && word.long)
      .sort((a, b) => b.long - a.long || a.at - b.at);
    const first = (name) => (found.find((word) => word[name]) || {})[name];
    return { kind: first("kind") || "", category: String(first("category") || "") };
  };
  const part = (block, name) => block.querySelector(`[name$="-${name}"]`);
  const showHelp = (block) => {
    const place = block.querySelector("[data-category-help]");
    const help = helps[part(block, "category").value];
    place.hidden = !help;
    place.replaceChildren();
    if (!help) return;
    if (help.hint) place.append(Object.assign(document.createElement("p"), { textContent: help.hint }));
    if (help.guides.length) {
      const line = Object.assign(document.createElement("p"), { textContent: `${box.dataset.guidesLabel}: ` });
      help.guides.forEach(([title, url], n) => {
        line.append(n ? " · " : "", Object.assign(document.createElement("a"), { href: url, target: "_blank", rel: "noopener", textContent: title }));
      });
      place.append(line);
    }
  };
  const propose = (block) => {
    const found = guess(`${part(block, "title").value} ${part(block, "text").value}`);
    const category = part(block, "category");
    let guessed = false;
    if (!block.dataset.categoryChosen && [...category.options].some((option) => option.value === found.category)) {
      category.value = found.category;
      guessed = Boolean(found.category);
    }
    const kinds = [...block.querySelectorAll('[name$="-kind"]')];
    const kind = kinds.find((radio) => radio.value === (found.kind || "request"));
    if (!block.dataset.kindChosen && kind && !kind.checked) {
      kind.checked = true;
      kind.closest("label").hidden = false;
      block.dispatchEvent(new Event("change", { bubbles: true }));
    }
    if (!block.dataset.kindChosen && found.kind) guessed = true;
    block.querySelector("[data-guessed]").hidden = !guessed;
    showHelp(block);
  };
  box.querySelectorAll("details").forEach((block) => {
    if (part(block, "category").value) block.dataset.categoryChosen = "1";
    block.addEventListener("input", (event) => {
      if (/-(title|text)$/.test(event.target.name)) propose(block);
    });
    block.addEventListener("change", (event) => {
      const name = event.target.name || "";
      if (name.endsWith("-category")) block.dataset.categoryChosen = event.target.value && "1";
      if (name.endsWith("-kind")) block.dataset.kindChosen = "1";
      if (!/-(category|kind)$/.test(name)) return;
      block.querySelector("[data-guessed]").hidden = true;
      showHelp(block);
    });
    showHelp(block);
  });
})();
