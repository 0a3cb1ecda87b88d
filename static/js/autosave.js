// Keeps what is typed in <form data-autosave="USER:FORM"> through a reload, in this tab only.
// Phones are lent: nothing outlives the tab, another user's drafts are dropped at once, and signing out
// (form[data-forget-drafts]) drops them all. A form that was sent drops its own when the answer is another page of
// the work; the sign-in page (the session had ended) and the error pages don't load this, so there it is kept.
(() => {
  const PREFIX = "ledger-draft:";
  const SENT = "ledger-sent";
  const store = (() => {
    try {
      return window.sessionStorage;
    } catch {
      return null; // storage switched off: the page works without it
    }
  })();
  if (!store) return;

  const drop = (unwanted) => {
    Object.keys(store)
      .filter((key) => key.startsWith(PREFIX) && unwanted(key))
      .forEach((key) => store.removeItem(key));
  };
  // Passwords, files and the hidden fields (security token, client id, version) are never kept.
  const fields = (form) =>
    [...form.elements].filter((field) => field.name && !["hidden", "password", "file", "submit", "button"].includes(field.type));
  const ticks = (field) => field.type === "checkbox" || field.type === "radio";

  const save = (form, key) => {
    const kept = fields(form)
      .filter((field) => !ticks(field) || field.checked)
      .map((field) => [field.name, field.value]);
    try {
      store.setItem(key, JSON.stringify(kept));
    } catch {
      store.removeItem(key); // full: half a draft would mislead
    }
  };
  const restore = (form, key) => {
    const kept = JSON.parse(store.getItem(key) || "null");
    if (!kept) return;
    fields(form).forEach((field) => {
      const values = kept.filter(([name]) => name === field.name).map(([, value]) => value);
      if (ticks(field)) field.checked = values.includes(field.value);
      else if (values.length === 1 && field.tagName !== "SELECT") field.value = values[0];
      else if (values.length === 1 && [...field.options].some((option) => option.value === values[0])) field.value = values[0];
    });
    form.dispatchEvent(new CustomEvent("draft:restored", { bubbles: true }));
  };

  const forms = [...document.querySelectorAll("form[data-autosave]")];
  const sent = store.getItem(SENT);
  store.removeItem(SENT);
  if (sent && !forms.some((form) => PREFIX + form.dataset.autosave === sent)) store.removeItem(sent);

  forms.forEach((form) => {
    const key = PREFIX + form.dataset.autosave;
    const user = form.dataset.autosave.split(":")[0];
    drop((other) => !other.startsWith(`${PREFIX}${user}:`));
    // A form that came back with errors already holds what was typed, newer than the draft.
    if (!form.querySelector(".invalid-feedback, [data-kept]")) restore(form, key);
    let timer = 0;
    form.addEventListener("input", () => {
      window.clearTimeout(timer);
      timer = window.setTimeout(() => save(form, key), 400);
    });
    form.addEventListener("submit", (event) => {
      if (event.defaultPrevented) return;
      window.clearTimeout(timer);
      save(form, key);
      store.setItem(SENT, key);
    });
  });
  document.querySelectorAll("form[data-forget-drafts]").forEach((form) => {
    form.addEventListener("submit", () => drop(() => true));
  });
})();
