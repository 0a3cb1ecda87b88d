// What a phone keeps, for pages and the service worker alike: self.ledgerStore, or null where the browser can't
// (plain http, storage switched off). Everything personal is sealed with AES-GCM under a key of its owner alone; the
// key comes from a secret that the server gives to the signed-in person, can't be taken out of the browser, and is
// thrown away at sign-out. The outbox stays then, sealed, until its owner signs in again.
(() => {
  const NAME = "ledger-offline";
  const FORMAT = 1; // of the records; additions only, so that an old page and a new worker read the same
  const STORES = { meta: null, keys: null, copy: null, outbox: "id" };
  if (!self.indexedDB || !self.crypto || !self.crypto.subtle || !self.isSecureContext) {
    self.ledgerStore = null;
    return;
  }

  const settled = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  let opened = null;
  const open = () => {
    opened ||= new Promise((resolve, reject) => {
      const request = self.indexedDB.open(NAME); // without a number: whatever a newer page has made of it
      request.onupgradeneeded = () => {
        Object.entries(STORES).forEach(([name, keyPath]) => request.result.createObjectStore(name, keyPath ? { keyPath } : {}));
      };
      request.onsuccess = () => {
        request.result.onversionchange = () => {
          request.result.close();
          opened = null;
        };
        request.result.onclose = () => (opened = null);
        resolve(request.result);
      };
      request.onerror = () => {
        opened = null;
        reject(request.error);
      };
    });
    return opened;
  };
  // Strict: what was confirmed is on the disk, not only on its way there.
  const change = async (names, act) => {
    const database = await open();
    const transaction = database.transaction(names, "readwrite", { durability: "strict" });
    const done = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
    act(...names.map((name) => transaction.objectStore(name)));
    return done;
  };
  const read = async (name, key) => settled((await open()).transaction(name).objectStore(name).get(key));
  const readAll = async (name) => settled((await open()).transaction(name).objectStore(name).getAll());

  const meta = async (name) => read("meta", name);
  const setMeta = async (name, value) => change(["meta"], (store) => store.put(value, name));

  // ---- keys: "USER:KEYID" → CryptoKey ----
  const bytes = (hex) => new Uint8Array(hex.match(/../g).map((pair) => parseInt(pair, 16)));
  const derive = async (secret, user) => {
    const base = await self.crypto.subtle.importKey("raw", bytes(secret), "HKDF", false, ["deriveKey"]);
    const info = new TextEncoder().encode(`ledger-offline:${user}`);
    const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(32), info };
    return self.crypto.subtle.deriveKey(how, base, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  };
  const keyOf = (user, id) => read("keys", `${user}:${id}`);

  // The person whom the server knows now. Of anybody else the copy and the keys go; sealed work stays.
  const admit = async (state) => {
    const me = await meta("me");
    if (me && me.user !== state.user) await forget();
    const ids = Object.keys(state.seals);
    const keys = await Promise.all(ids.map(async (id) => [`${state.user}:${id}`, (await keyOf(state.user, id)) || (await derive(state.seals[id], state.user))]));
    await change(["keys", "meta"], (store, metas) => {
      keys.forEach(([name, key]) => store.put(key, name));
      metas.put({ user: state.user, key: ids[0], token: state.token, language: state.language }, "me");
      metas.put({ drift: state.now * 1000 - Date.now(), at: Date.now() }, "clock");
    });
  };
  const forget = async () =>
    change(["keys", "copy", "meta"], (keys, copy, metas) => {
      keys.clear();
      copy.clear();
      metas.delete("me");
      metas.delete("reach");
    });
  // On a page of somebody else than the phone knows, nobody is known, and what was theirs goes before anything is drawn.
  const person = () => (self.document && self.document.body && Number(self.document.body.dataset.person)) || null;
  const me = async () => {
    const found = await meta("me");
    if (!found || !person() || person() === found.user) return found;
    await forget();
    return undefined;
  };

  // ---- sealing ----
  const seal = async (owner, data) => {
    const key = await keyOf(owner.user, owner.key);
    if (!key) throw new Error("no key");
    const iv = self.crypto.getRandomValues(new Uint8Array(12));
    return { iv, data: await self.crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, data) };
  };
  const unseal = async (key, sealed) => self.crypto.subtle.decrypt({ name: "AES-GCM", iv: sealed.iv }, key, sealed.data);
  const sealText = (owner, value) => seal(owner, new TextEncoder().encode(JSON.stringify(value)));
  const unsealText = async (key, sealed) => JSON.parse(new TextDecoder().decode(await unseal(key, sealed)));

  // ---- the copy of the day ----
  const keepCopy = async (value) => {
    const owner = await me();
    if (!owner || owner.user !== value.user) return;
    const sealed = await sealText(owner, value);
    await change(["copy"], (store) => store.put({ key: owner.key, until: value.until, made: value.made, sealed }, owner.user));
  };
  const copy = async () => {
    const owner = await me();
    const kept = owner && (await read("copy", owner.user));
    if (!kept) return null;
    const now = Date.now() + ((await meta("clock")) || { drift: 0 }).drift;
    // A clock that was set back must not prolong it, nor one set forward by a day destroy it.
    if (now / 1000 > kept.until || now / 1000 < kept.made - 2 * 86400) {
      await change(["copy"], (store) => store.delete(owner.user));
      return null;
    }
    const key = await keyOf(owner.user, kept.key);
    return key ? unsealText(key, kept.sealed).catch(() => null) : null;
  };
  const copyMade = async () => {
    const owner = await me();
    const kept = owner && (await read("copy", owner.user));
    return kept ? kept.made : 0;
  };

  // ---- the outbox: plain are only owner, state and times ----
  const writeEntry = async (entry, { replaces = null } = {}) => {
    const owner = await me();
    if (!owner) throw new Error("nobody is signed in");
    const { id, user, state, at, tries, after, files, ...inside } = entry;
    const sealed = await sealText({ user, key: owner.key }, inside);
    const sealedFiles = await Promise.all(
      files.map(async ({ field, name, type, blob }) => ({
        head: await sealText({ user, key: owner.key }, { field, name, type }),
        body: await seal({ user, key: owner.key }, await blob.arrayBuffer()),
      })),
    );
    const record = { id, user, state, at, tries, after, key: owner.key, format: FORMAT, sealed, files: sealedFiles };
    await change(["outbox"], (store) => {
      if (replaces && replaces !== id) store.delete(replaces);
      store.put(record);
    });
  };
  const openEntry = async (record) => {
    const key = await keyOf(record.user, record.key);
    if (!key) return null;
    const files = await Promise.all(
      record.files.map(async ({ head, body }) => {
        const about = await unsealText(key, head);
        return { ...about, blob: new Blob([await unseal(key, body)], { type: about.type }) };
      }),
    );
    const { id, user, state, at, tries, after } = record;
    return { id, user, state, at, tries, after, ...(await unsealText(key, record.sealed)), files };
  };
  const entries = async () => {
    const owner = await me();
    if (!owner) return [];
    const mine = (await readAll("outbox")).filter((record) => record.user === owner.user).sort((a, b) => a.at - b.at);
    return (await Promise.all(mine.map((record) => openEntry(record).catch(() => null)))).filter(Boolean);
  };
  const entry = async (id) => {
    const owner = await me();
    const record = owner && (await read("outbox", id));
    return record && record.user === owner.user ? openEntry(record) : null;
  };
  // Without opening anything: how many wait, and for whom.
  const waiting = async () => (await readAll("outbox")).filter((record) => !["sent", "decided"].includes(record.state));
  const removeEntry = (id) => change(["outbox"], (store) => store.delete(id));

  self.ledgerStore = { FORMAT, me, admit, forget, meta, setMeta, keepCopy, copy, copyMade, writeEntry, entries, entry, waiting, removeEntry };
})();
