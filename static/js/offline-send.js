// Sends what waits in the outbox, from a page or from the service worker: self.ledgerSend(). One at a time in the
// whole browser; the server knows each entry's id, so that one sent twice is one record. Says how it went:
// "done", "idle", "away" (network or server), "signed-out", "other" (somebody else is signed in), "ended", "busy".
(() => {
  const store = self.ledgerStore;
  if (!store) {
    self.ledgerSend = null;
    return;
  }
  const PATIENCE = 20_000; // ms for an answer; a form with photos gets more by its size
  const SENT_SHOWN = 7 * 86_400_000;
  const later = (tries) => Math.min(15_000 * 2 ** tries, 900_000);
  const tell = () => {
    const channel = new BroadcastChannel("ledger-outbox");
    channel.postMessage("changed");
    channel.close();
  };
  const ask = async (address, options, patience = PATIENCE) => {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), patience);
    try {
      return await fetch(address, { credentials: "same-origin", cache: "no-store", signal: stop.signal, ...options });
    } finally {
      clearTimeout(timer);
    }
  };

  // What desks decided of entries that were handed in.
  const noteAnswers = async (kept, answers) => {
    const decided = new Map(answers.map((one) => [one.id, one]));
    const told = kept.filter((entry) => decided.has(entry.id));
    for (const entry of told) {
      const { sentences, url } = decided.get(entry.id);
      await store.writeEntry({ ...entry, state: "decided", sentences, url, done: Date.now() });
    }
    if (told.length) tell();
  };
  // Who the server knows now; null while it can't be reached. A phone whose account ended wipes its copy here.
  self.ledgerState = async () => {
    const mine = await store.me();
    const kept = mine ? (await store.entries().catch(() => [])).filter((entry) => entry.state === "kept") : [];
    let state;
    try {
      const answer = await ask(kept.length ? "/offline/state/?kept=1" : "/offline/state/", { headers: mine ? { "X-Offline-Holder": mine.token } : {} });
      if (!answer.ok) return null;
      state = await answer.json();
    } catch {
      return null;
    }
    if (kept.length && state.user === mine.user) await noteAnswers(kept, state.answers || []);
    if (state.user !== null) await store.admit(state);
    else if (state.holder === "ended") await store.forget();
    return state;
  };

  // The day a visit was on, when nobody touched it: by the server's clock, fixed at the first try.
  const withDay = async (entry) => {
    if (!entry.dayField || entry.tries) return entry;
    const { drift } = (await store.meta("clock")) || { drift: 0 };
    const day = new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Shanghai" }).format(new Date(entry.at + drift));
    return { ...entry, fields: entry.fields.map(([name, value]) => [name, name === entry.dayField ? day : value]) };
  };
  // Handed in for review it goes with the words that the phone showed: the server may know its fields no more.
  const handedIn = (entry, form) => {
    [["", entry.title], ...entry.lines].forEach(([label, value]) => {
      form.append("outbox_label", label);
      form.append("outbox_value", value);
    });
  };
  const body = (entry) => {
    const form = new FormData();
    if (entry.review) handedIn(entry, form);
    entry.fields.forEach(([name, value]) => form.append(name, value));
    form.append("device_at", new Date(entry.at).toISOString());
    entry.files.forEach(({ field, name, type, blob }) => form.append(field, new File([blob], name, { type })));
    return form;
  };
  const weight = (entry) => entry.files.reduce((sum, file) => sum + file.blob.size, 0);

  const verdict = async (answer) => {
    if (answer.redirected && new URL(answer.url).pathname.startsWith("/account/")) return { state: "waiting", halt: "signed-out" };
    if (answer.status >= 500 || answer.status === 429 || answer.status === 408) return { state: "waiting", refused: answer.status };
    let said = null;
    try {
      said = await answer.json();
    } catch {
      said = null; // a page of a proxy, or of a fault before the form was read
    }
    if (answer.ok && said && said.state === "sent") return { state: "sent", url: said.url, sentences: said.sentences || [] };
    if (answer.ok && said && said.state === "kept") return { state: "kept", url: said.url, sentences: said.sentences, whole: Boolean(said.whole) };
    if (answer.ok) return { state: "waiting", refused: answer.status }; // a captive portal answers "OK" to everything
    return { state: "attention", refused: answer.status, sentences: (said && said.sentences) || [] };
  };

  // One entry, with a token of this moment. Used by the form as well, for what was just confirmed.
  const deliver = async (entry, state) => {
    const dated = { ...(await withDay(entry)), tries: entry.tries + 1, state: "sending" };
    await store.writeEntry(dated);
    tell();
    let result;
    try {
      const how = { method: "POST", body: body(dated), headers: { "X-CSRFToken": state.csrf } };
      const to = `/outbox/send/?to=${encodeURIComponent(dated.address)}${dated.review ? "&review=1" : ""}`;
      result = await verdict(await ask(to, how, PATIENCE + weight(dated) / 20));
    } catch {
      result = { state: "waiting", halt: "away" };
    }
    const after = result.state === "waiting" ? Date.now() + later(dated.tries) : 0;
    // Where the server has all of it, the phone keeps what it says and lets go of the rest.
    const light = result.state === "sent" || result.whole ? { fields: [], files: [] } : {};
    const sentences = result.sentences || []; // of what was sent: what of it goes another way
    await store.writeEntry({ ...dated, state: result.state, after, refused: result.refused || 0, url: result.url || "", done: Date.now(), sentences, ...light });
    tell();
    return result;
  };

  const tidy = async (entries) => {
    const over = (entry) => entry.state === "sent" || (["kept", "decided"].includes(entry.state) && !entry.files.length);
    const old = entries.filter((entry) => over(entry) && Date.now() - (entry.done || entry.at) > SENT_SHOWN);
    for (const entry of old) await store.removeEntry(entry.id);
  };
  const run = async (force) => {
    const mine = await store.me();
    if (!mine) return "idle";
    const all = await store.entries();
    await tidy(all);
    const due = all.filter((entry) => entry.state === "sending" || (entry.state === "waiting" && (force || entry.after <= Date.now())));
    if (!due.length) return "idle";
    const state = await self.ledgerState();
    const reach = (how) => store.setMeta("reach", { how, at: Date.now() }).then(() => tell(), tell).then(() => how);
    if (state === null) return reach("away");
    if (state.user === null) return reach(state.holder === "ended" ? "ended" : "signed-out");
    if (state.user !== mine.user) return reach("other");
    for (const entry of due) {
      const { halt } = await deliver(entry, state);
      if (halt) return reach(halt);
    }
    return reach("done");
  };
  const alone = (act) => {
    if (!self.navigator.locks) return act(true);
    return self.navigator.locks.request("ledger-outbox", { ifAvailable: true }, (lock) => act(lock !== null));
  };
  self.ledgerSend = ({ force = false } = {}) => alone((free) => (free ? run(force) : "busy"));
  self.ledgerDeliver = (entry, state) => alone((free) => (free ? deliver(entry, state) : { state: "waiting", halt: "busy" }));
})();
