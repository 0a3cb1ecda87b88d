// form[data-outbox]: what is confirmed is first kept on the phone, then sent. Where the server can't be reached it waits
// in the outbox; what the server refuses is shown on the form and stays in the outbox until it is mended. In a browser
// that can't keep anything the form goes out as any other. Bound to the document: forms that arrive later count too.
(() => {
  const store = self.ledgerStore;
  const OPEN = "ledger-outbox-open"; // the entry that the form of the next page continues
  if (!store) return;
  const body = document.body;
  const hidden = new Set(["hidden", "submit", "button", "file"]);
  let me = null;
  const known = store.me().then((found) => (me = found), () => {});
  document.addEventListener("ledger:copied", () => store.me().then((found) => (me = found)));

  const labelOf = (field) => {
    const group = field.type === "radio" || field.type === "checkbox" ? field.closest("fieldset, [role=group], [role=radiogroup]") : null;
    const named = group && document.getElementById(group.getAttribute("aria-labelledby") || "");
    const label = group ? named || group.querySelector("legend") : field.labels && field.labels[0];
    return label ? label.textContent.trim().replace(/\s*\*$/, "") : field.getAttribute("aria-label") || "";
  };
  const valueOf = (field) => {
    if (field.type === "radio" || field.type === "checkbox") return field.checked && field.value ? (field.labels[0] || {}).textContent || "" : "";
    if (field.tagName === "SELECT") return field.value ? field.selectedOptions[0].textContent : "";
    return field.value;
  };
  const linesOf = (form) => {
    const lines = [];
    const unsaid = (field) => hidden.has(field.type) || field.closest("[hidden], details.issue-block:not([open]), .walked-row:not(:has([name=households]:checked))");
    [...form.elements].filter((field) => field.name && !unsaid(field)).forEach((field) => {
      const value = valueOf(field).trim();
      if (!value) return;
      const label = labelOf(field);
      const last = lines[lines.length - 1];
      if (last && last[0] === label && label && field.type === "checkbox") last[1] += `, ${value}`;
      else lines.push([label, value]);
    });
    return lines;
  };
  const addressOf = (form) => {
    const address = new URL(form.getAttribute("action") || window.location.href, window.location.href);
    return address.pathname + address.search;
  };
  const entryOf = (form, button) => {
    const all = [...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken");
    if (button && button.name) all.push([button.name, button.value]);
    const fields = all.filter(([, value]) => typeof value === "string");
    const files = all.filter(([, value]) => typeof value !== "string" && value.size);
    const day = form.querySelector("[name=occurred_on]");
    const untouched = "dayMade" in form.dataset && day && day.value === form.dataset.dayMade;
    return {
      id: form.querySelector("[name=client_id]").value, user: me.user, state: "waiting", at: Date.now(), tries: 0, after: 0,
      address: addressOf(form), title: form.dataset.outboxTitle || document.title.split(" · ")[0], lines: linesOf(form), fields,
      dayField: untouched ? "occurred_on" : "", files: files.map(([field, file]) => ({ field, name: file.name, type: file.type, blob: file })),
    };
  };
  const hold = (form, on) => {
    if (on) form.dataset.sent = "1";
    else delete form.dataset.sent;
    form.querySelectorAll("button[type=submit]").forEach((button) => {
      if (on) button.setAttribute("aria-disabled", "true");
      else button.removeAttribute("aria-disabled");
    });
  };
  const forgetDraft = (form) => {
    try {
      window.sessionStorage.removeItem(`ledger-draft:${form.dataset.autosave}`);
    } catch {
      // storage switched off: there is no draft either
    }
  };
  const leaveFor = (address) => window.location.assign(address);
  const wake = async () => {
    const registration = navigator.serviceWorker && (await navigator.serviceWorker.getRegistration("/"));
    if (registration && registration.sync) await registration.sync.register("ledger-outbox").catch(() => {});
  };

  const keep = async (form, button) => {
    const entry = entryOf(form, button);
    const before = form.dataset.outboxEntry ? await store.entry(form.dataset.outboxEntry) : null;
    if (before && !entry.files.length) entry.files = before.files;
    await store.writeEntry(entry, { replaces: before && before.id });
    return entry;
  };
  const showRefused = (form, entry) => {
    window.sessionStorage.setItem(OPEN, entry.id);
    HTMLFormElement.prototype.submit.call(form); // the server's own page, with each sentence at its field
  };
  const confirmed = async (form, button) => {
    const entry = await keep(form, button); // from here on it can't be lost
    const token = form.querySelector("[name=csrfmiddlewaretoken]");
    const result = token ? await self.ledgerDeliver(entry, { csrf: token.value }) : { state: "waiting", halt: "away" };
    if (result.state === "attention" && token && result.sentences.length && ![403, 404].includes(result.refused)) {
      showRefused(form, entry);
      return;
    }
    forgetDraft(form);
    if (result.state === "sent") {
      leaveFor(result.sentences.length ? "/outbox/" : result.url); // what of it goes another way is said there
      return;
    }
    await wake().catch(() => {});
    leaveFor("/outbox/");
  };

  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      const button = event.submitter;
      if (button && button.formNoValidate) return; // looks something up, confirms nothing
      if (!form.matches("form[data-outbox]") || !me || (body.dataset.person && Number(body.dataset.person) !== me.user)) return;
      event.preventDefault();
      if (form.dataset.sent) return;
      hold(form, true);
      confirmed(form, button).catch(() => {
        // No room on the phone, or no key: then as any other form, where there is a server to take it.
        hold(form, false);
        if (form.querySelector("[name=csrfmiddlewaretoken]")) HTMLFormElement.prototype.submit.call(form);
        else form.dispatchEvent(new CustomEvent("ledger:not-kept", { bubbles: true }));
      });
    },
    true,
  );

  // ---- a form that continues an entry: its words, and the photos that are still here ----
  const restore = (form, entry) => {
    const values = new Map();
    entry.fields.forEach(([name, value]) => values.set(name, [...(values.get(name) || []), value]));
    [...form.elements].forEach((field) => {
      if (!field.name || (field.type === "hidden" && field.name !== "client_id") || field.type === "file") return;
      const kept = values.get(field.name) || [];
      if (field.name === "client_id") {
        if (entry.refused !== 409 && kept.length) [field.value] = kept;
      } else if (field.type === "radio" || field.type === "checkbox") field.checked = kept.includes(field.value);
      else if (kept.length) [field.value] = kept;
    });
    form.dispatchEvent(new CustomEvent("draft:restored", { bubbles: true }));
  };
  self.ledgerContinue = async (form) => {
    const id = window.sessionStorage.getItem(OPEN);
    window.sessionStorage.removeItem(OPEN);
    await known;
    const entry = id && me ? await store.entry(id) : null;
    if (!entry || entry.address !== addressOf(form)) return;
    form.dataset.outboxEntry = entry.id;
    const refused = form.querySelector(".invalid-feedback");
    if (!refused) restore(form, entry);
    if (!entry.files.length) return;
    const gone = form.querySelector("[data-photos-gone]");
    if (gone) gone.hidden = true;
    const note = document.createElement("p");
    note.className = "strip b-calm";
    note.textContent = (body.dataset.photosKept || "").replace("{n}", entry.files.length);
    form.prepend(note);
  };
  const form = document.querySelector("form[data-outbox]");
  if (form) self.ledgerContinue(form).catch(() => {});
})();
