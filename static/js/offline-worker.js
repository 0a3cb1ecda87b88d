// The service worker: it keeps the shell (SHELL, written in front of this by the server) and nothing else, shows it
// where the server can't be reached, and sends the outbox when the browser says that the network is back.
/* global SHELL */
const CACHE = `ledger-shell-${SHELL.version}`;
const GONE = new Set([502, 503, 504]);

self.addEventListener("install", (event) => {
  const fetched = async () => {
    const cache = await caches.open(CACHE);
    const wanted = [...SHELL.files, ...Object.values(SHELL.shells)];
    await cache.addAll(wanted.map((address) => new Request(address, { cache: "no-cache" })));
    await self.skipWaiting();
  };
  event.waitUntil(fetched());
});

// The version before stays: a page of it that is still open finds its files.
self.addEventListener("activate", (event) => {
  const tidy = async () => {
    const ours = (await caches.keys()).filter((name) => name.startsWith("ledger-shell-"));
    const others = ours.filter((name) => name !== CACHE);
    await Promise.all(others.slice(0, -1).map((name) => caches.delete(name)));
    await self.clients.claim();
  };
  event.waitUntil(tidy());
});

const language = async () => {
  const me = self.ledgerStore && (await self.ledgerStore.me().catch(() => null));
  return (me && SHELL.shells[me.language] && me.language) || Object.keys(SHELL.shells)[0];
};
const shell = async () => {
  const page = await (await caches.open(CACHE)).match(SHELL.shells[await language()]);
  return page || Response.error();
};
const page = async (request) => {
  try {
    const answer = await fetch(request);
    return GONE.has(answer.status) ? await shell() : answer;
  } catch {
    return shell();
  }
};
// In production a file is named by what it holds: what is kept is right. Elsewhere the server's counts.
const NAMED = /\.[0-9a-f]{12}\.\w+$/;
const file = async (request) => {
  const kept = (await (await caches.open(CACHE)).match(request)) || (await caches.match(request));
  if (kept && NAMED.test(new URL(request.url).pathname)) return kept;
  return fetch(request).catch(() => kept || Response.error());
};

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (address.pathname.startsWith("/static/")) event.respondWith(file(request));
});

self.addEventListener("sync", (event) => {
  if (event.tag !== "ledger-outbox" || !self.ledgerSend) return;
  const send = async () => {
    const how = await self.ledgerSend({ force: true });
    // The browser tries again, also where a page was sending: it may have been closed in the middle.
    if (how === "away" || how === "busy") throw new Error("not yet");
  };
  event.waitUntil(send());
});
