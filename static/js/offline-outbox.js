// [data-outbox-list]: what waits on this phone, with what can be done about it. Texts can always be taken out; nothing
// goes but by a second tap on "delete".
(() => {
  const store = self.ledgerStore;
  const list = document.querySelector("[data-outbox-list]");
  if (!list || !store) return;
  const rows = list.querySelector("[data-outbox-rows]");
  const pattern = document.getElementById("outbox-entry");
  const OPEN = "ledger-outbox-open";
  const COLOURS = { waiting: "calm", sending: "calm", sent: "done", attention: "late", kept: "due", decided: "done" };
  const say = (name, n) => (list.dataset[name] || "").replace("{n}", n);
  const when = (moment) => new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" }).format(moment);

  const textOf = (entry) => {
    const lines = entry.lines.map(([label, value]) => (label ? `${label}: ${value}` : value));
    return [`${entry.title} · ${when(entry.at)}`, ...lines].join("\n");
  };
  const link = (name, blob) => {
    const anchor = document.createElement("a");
    anchor.className = "tap";
    anchor.href = URL.createObjectURL(blob);
    anchor.download = name;
    anchor.textContent = name;
    return anchor;
  };
  const copy = async (button, text) => {
    const before = button.textContent;
    await navigator.clipboard.writeText(text);
    button.textContent = list.dataset.copied;
    window.setTimeout(() => (button.textContent = before), 3000);
  };
  const edit = (entry) => {
    window.sessionStorage.setItem(OPEN, entry.id);
    window.location.assign(entry.address);
  };
  const again = async (entry, review = false) => {
    await store.writeEntry({ ...entry, review, state: "waiting", after: 0, sentences: [], refused: 0 });
    document.dispatchEvent(new CustomEvent("ledger:send"));
    await draw();
  };
  // Refused for what it is about, not for how it is filled in: then mending it leads nowhere.
  const mendable = (entry) => entry.refused === 422 || entry.refused === 409;
  const sentenceOf = (entry) => {
    if (entry.sentences && entry.sentences.length) return entry.sentences.join(" ");
    if (entry.state === "attention") return say("refused", entry.refused);
    return entry.state === "waiting" && entry.refused >= 500 ? say("busy", entry.refused) : "";
  };
  const drawOne = (entry) => {
    const part = pattern.content.cloneNode(true).firstElementChild;
    const find = (name) => part.querySelector(`[data-${name}]`);
    find("title").textContent = entry.title;
    find("state").textContent = list.dataset[entry.state];
    find("state").classList.add(`b-${COLOURS[entry.state]}`);
    find("when").textContent = when(entry.at);
    const sentence = sentenceOf(entry);
    find("sentence").textContent = sentence;
    find("sentence").hidden = !sentence;
    entry.lines.forEach(([label, value]) => {
      const [term, said] = [document.createElement("dt"), document.createElement("dd")];
      term.textContent = label || "·";
      said.textContent = value;
      find("lines").append(term, said);
    });
    entry.files.forEach(({ name, blob }) => find("files").append(link(name, blob), " "));
    const goes = entry.state === "waiting" || entry.state === "attention";
    if (entry.url) find("open").href = entry.url;
    find("open").hidden = !entry.url;
    find("edit").hidden = !goes;
    find("again").hidden = entry.state !== "attention";
    find("review").hidden = entry.state !== "attention" || mendable(entry);
    const holds = entry.state === "kept" || (entry.state === "decided" && entry.files.length > 0);
    if (holds) find("drop").querySelector("p").textContent = list.dataset.dropKept;
    find("drop").hidden = !goes && !holds;
    find("edit").addEventListener("click", () => edit(entry));
    find("again").addEventListener("click", () => again(entry));
    find("review-now").addEventListener("click", () => again(entry, true));
    find("copy").addEventListener("click", (event) => copy(event.currentTarget, textOf(entry)).catch(() => {}));
    const save = find("save");
    save.href = URL.createObjectURL(new Blob([textOf(entry)], { type: "text/plain;charset=utf-8" }));
    save.download = `${entry.title}.txt`;
    find("drop-now").addEventListener("click", async () => {
      await store.removeEntry(entry.id);
      await draw();
    });
    return part;
  };
  const showReach = async (all) => {
    const strip = list.querySelector("[data-outbox-reach]");
    const reach = await store.meta("reach");
    const told = document.body.matches(".offline-shell") && reach && reach.how === "away"; // the shell says so above
    const waits = !told && all.some((entry) => entry.state === "waiting" || entry.state === "sending");
    const said = waits && reach ? { away: "reachAway", "signed-out": "reachSignedOut", other: "reachOther", ended: "reachEnded" }[reach.how] : "";
    strip.hidden = !said;
    strip.querySelector("[data-said]").textContent = said ? list.dataset[said] : "";
    strip.querySelector("[data-sign-in]").hidden = !reach || !["signed-out", "ended"].includes(reach.how);
  };
  const draw = async () => {
    const all = await store.entries();
    const me = await store.me();
    const foreign = (await store.waiting()).some((record) => !me || record.user !== me.user);
    const order = { attention: 0, waiting: 1, sending: 1, kept: 2, decided: 3, sent: 4 };
    all.sort((a, b) => order[a.state] - order[b.state] || b.at - a.at);
    rows.replaceChildren(...all.map(drawOne));
    list.querySelector("[data-outbox-empty]").hidden = all.length > 0;
    list.querySelector("[data-outbox-all]").hidden = !all.some((entry) => entry.state === "waiting");
    list.querySelector("[data-outbox-foreign]").hidden = !foreign;
    await showReach(all);
  };
  let drawing = Promise.resolve();
  const redraw = () => (drawing = drawing.then(draw).catch(() => {}));
  list.querySelector("[data-send-now]").addEventListener("click", () => document.dispatchEvent(new CustomEvent("ledger:send")));
  const channel = new BroadcastChannel("ledger-outbox");
  channel.addEventListener("message", () => {
    // Somebody reads or is about to delete: not under their finger.
    if (!rows.querySelector("details[open]")) redraw();
  });
  redraw();
})();
