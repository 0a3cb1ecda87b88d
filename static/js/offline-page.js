// On every page of a signed-in person (<body data-person="ID">): registers the service worker, brings the copy of the
// day up to date, sends the outbox when there is a chance, says how much waits ([data-outbox-strip]), and clears the
// phone at sign-out. In the shell there is no person: whoever was here last is meant.
(() => {
  const store = self.ledgerStore;
  const body = document.body;
  const person = Number(body.dataset.person) || null;
  document.querySelectorAll("[data-offline-not]").forEach((part) => (part.hidden = Boolean(store)));
  if (!store) return;
  const COPY_FOR = 30 * 60_000;
  const KNOWN_FOR = 10 * 60_000;
  const LOOK_AFTER = 20_000;

  const fill = (text, n) => text.replace("{n}", n);
  const show = async () => {
    const me = await store.me();
    const all = await store.waiting();
    const mine = me ? all.filter((record) => record.user === me.user) : [];
    const open = mine.filter((record) => record.state !== "kept");
    const attention = open.filter((record) => record.state === "attention").length;
    document.querySelectorAll("[data-outbox-count]").forEach((part) => {
      part.textContent = open.length || "";
      part.hidden = !open.length;
    });
    document.querySelectorAll("[data-outbox-strip]").forEach((strip) => {
      const said = strip.querySelector("[data-said]");
      strip.hidden = !open.length;
      strip.classList.toggle("b-due", attention > 0);
      strip.classList.toggle("b-calm", attention === 0);
      if (open.length) said.textContent = fill(attention ? said.dataset.attention : open.length === 1 ? said.dataset.one : said.dataset.many, attention || open.length);
    });
  };
  const channel = new BroadcastChannel("ledger-outbox");
  channel.addEventListener("message", show);

  // ---- the copy of the day, with the forms as the server draws them ----
  const formOf = async (address) => {
    const answer = await fetch(address, { credentials: "same-origin" });
    if (!answer.ok || answer.redirected) return null;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const form = page.querySelector("form[data-outbox]");
    if (!form) return null;
    form.querySelectorAll("[name=csrfmiddlewaretoken], [data-here-only]").forEach((part) => part.remove());
    const sources = (selector, name) => [...page.querySelectorAll(selector)].map((part) => part.getAttribute(name));
    return { html: form.outerHTML, scripts: sources("body script[src]", "src"), styles: sources("link[rel=stylesheet]", "href") };
  };
  const takeAlong = async () => {
    const answer = await fetch("/offline/data/", { credentials: "same-origin" });
    if (!answer.ok || answer.redirected) return;
    const copy = await answer.json();
    if (copy.format !== store.FORMAT) return;
    const forms = {};
    for (const [name, address] of Object.entries(copy.forms)) forms[name] = await formOf(address);
    await store.keepCopy({ ...copy, forms });
    document.dispatchEvent(new CustomEvent("ledger:copied"));
  };
  const refresh = async () => {
    const me = await store.me();
    const clock = await store.meta("clock");
    // Who looks at the outbox wants to know what became of what was handed in.
    const asks = document.querySelector("[data-outbox-list]") && (await store.waiting()).some((record) => record.state === "kept");
    const known = !asks && me && me.user === person && clock && Math.abs(Date.now() - clock.at) < KNOWN_FOR;
    if (!known) {
      const state = await self.ledgerState();
      if (!state || state.user === null || state.user !== person) return;
    }
    if ("takesAlong" in body.dataset && Math.abs(Date.now() / 1000 - (await store.copyMade())) * 1000 > COPY_FOR) await takeAlong();
  };

  const send = async (options) => {
    const mine = await store.me();
    const due = mine && (await store.waiting()).some((record) => record.user === mine.user && ["waiting", "sending"].includes(record.state));
    if (due) await self.ledgerSend(options);
    await show();
  };
  const quietly = (act) => act().catch(() => {}); // no network, no room: the page works as without all this

  if (navigator.serviceWorker && body.dataset.worker) {
    navigator.serviceWorker.register(body.dataset.worker, { scope: "/", updateViaCache: "none" }).catch(() => {});
  }
  window.addEventListener("online", () => quietly(() => send({ force: true })));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") quietly(send);
  });
  window.setInterval(() => {
    if (document.visibilityState === "visible") quietly(send);
  }, LOOK_AFTER);
  document.addEventListener("ledger:send", () => quietly(() => send({ force: true })));

  // ---- sign-out: the copy and the keys go, what was not sent stays sealed ----
  document.querySelectorAll("form[data-forget-drafts]").forEach((form) => {
    form.addEventListener("submit", (event) => {
      if (event.defaultPrevented) return;
      event.preventDefault();
      // A store that hangs (another tab holds it, a full disk) must not keep anybody signed in.
      const soon = (promise) => Promise.race([promise, new Promise((_done, give) => window.setTimeout(give, 2000))]);
      const leave = async () => {
        const me = await soon(store.me());
        const left = (await soon(store.waiting())).filter((record) => me && record.user === me.user && record.state !== "kept").length;
        const question = body.dataset.leaveWaiting || "";
        if (left && question && !window.confirm(fill(question, left))) {
          delete form.dataset.sent;
          form.querySelectorAll("button[aria-disabled]").forEach((button) => button.removeAttribute("aria-disabled"));
          return;
        }
        await soon(store.forget()).catch(() => {});
        form.submit();
      };
      leave().catch(() => form.submit());
    });
  });

  quietly(show);
  const start = () => window.setTimeout(() => quietly(async () => {
    if (person) await refresh();
    await send();
  }), Number(body.dataset.startAfter || 1200));
  if (document.readyState === "complete") start();
  else window.addEventListener("load", start);
})();
