// The shell: which of its views the address asks for, filled from the copy that the phone keeps for this person. The
// visit form in it is the server's own, taken along with its scripts.
(() => {
  const store = self.ledgerStore;
  const VIEWS = [
    [/^\/$|^\/today\/$/, "today"],
    [/^\/households\/$/, "households"],
    [/^\/households\/(\d+)\/$/, "household"],
    [/^\/visits\/(?:new|together)\/$/, "visit"],
    [/^\/outbox\/$/, "outbox"],
  ];
  const find = (selector, root = document) => root.querySelector(selector);
  const cut = (id) => document.getElementById(id).content.cloneNode(true);
  const link = (id) => `/households/${id}/`;
  const visitOf = (id) => `/visits/new/?household=${id}`;
  const badges = (home) =>
    home.types.slice(0, 3).map((name) => {
      const badge = cut("shell-badge");
      badge.firstElementChild.textContent = name;
      return badge;
    });
  const metWords = (home) => {
    const words = document.getElementById("shell-brief").dataset;
    return home.met ? words.met.replace("{n}", home.met) : words.never;
  };
  const row = (home, where) => {
    const part = cut("shell-row");
    find("[data-name]", part).textContent = home.name;
    find("[data-name]", part).href = link(home.id);
    find("[data-types]", part).append(...badges(home).slice(0, 2));
    find("[data-where]", part).textContent = where || `${home.place} · ${metWords(home)}`;
    find("[data-visit]", part).href = visitOf(home.id);
    return part;
  };
  const line = (what, where) => {
    const part = cut("shell-line");
    find("[data-what]", part).textContent = what;
    find("[data-where]", part).textContent = where.filter(Boolean).join(" · ");
    return part;
  };
  const point = (one) => {
    const part = cut("shell-point");
    find("[data-what]", part).textContent = one.text;
    find("[data-campaign]", part).textContent = one.campaign;
    part.querySelectorAll("input").forEach((input) => (input.name = input.name.replace("point-0", `point-${one.id}`)));
    find("[data-shown-when]", part).dataset.shownWhen = `point-${one.id}=done point-${one.id}=na`;
    return part;
  };
  const brief = (home) => {
    const part = cut("shell-brief");
    const words = document.getElementById("shell-brief").dataset;
    find("[data-name]", part).textContent = home.name;
    find("[data-types]", part).append(...badges(home));
    find("[data-address]", part).textContent = home.address;
    find("[data-met]", part).textContent = metWords(home);
    find("[data-visit]", part).href = visitOf(home.id);
    const lines = {
      points: (home.points || []).map((one) => line(one.text, [one.campaign])),
      benefits: (home.benefits || []).map((one) => line(one.kind, [one.amount, one.since])),
      members: home.members.map((one) => line(one.name, [one.relation, one.age === null ? "" : words.age.replace("{n}", one.age), one.phone, one.id_no])),
      issues: home.issues.map((one) => line(one.title, [one.number, one.state, one.due])),
      visits: home.visits.map((one) => line([one.on, one.result].filter(Boolean).join(" · "), [one.by, one.said, one.promise])),
    };
    Object.entries(lines).forEach(([name, parts]) => {
      const section = find(`[data-part=${name}]`, part);
      if (parts.length) find("ul", section).append(...parts);
      else section.remove();
    });
    return part;
  };

  const draws = {
    today: (copy, homes) => {
      const promised = copy.promises.filter((one) => homes.has(one.household));
      const ids = new Set(promised.map((one) => one.household));
      find("[data-promised]").hidden = !promised.length;
      find("[data-rows=promises]").append(...promised.map((one) => row(homes.get(one.household), [one.on, one.text].filter(Boolean).join(" · "))));
      find("[data-rows=need]").append(...copy.households.filter((home) => !ids.has(home.id)).map((home) => row(home)));
    },
    households: (copy) => {
      const list = find("[data-rows=households]");
      const show = (typed) => {
        const wanted = typed.trim().toLowerCase();
        const fits = (home) => [home.name, home.initials, home.code].some((text) => text.toLowerCase().startsWith(wanted)) || home.address.includes(wanted);
        list.replaceChildren(...copy.households.filter((home) => !wanted || fits(home)).map((home) => row(home)));
      };
      find("#shell-search").addEventListener("input", (event) => show(event.target.value));
      show("");
    },
    household: (_copy, homes, id) => {
      if (!homes.has(id)) return "nothing";
      document.querySelector("[data-brief]").append(brief(homes.get(id)));
      return "household";
    },
  };
  const asked = () => new URLSearchParams(window.location.search);
  const today = () => new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Shanghai" }).format(new Date());
  const load = (source) =>
    new Promise((resolve) => {
      const script = document.createElement("script");
      script.src = source;
      script.onload = script.onerror = resolve;
      document.body.append(script);
    });
  const dress = (href) => {
    const sheet = document.createElement("link");
    sheet.rel = "stylesheet";
    sheet.href = href;
    document.head.append(sheet);
  };
  const drawForm = async (copy, homes, me) => {
    const id = Number(asked().get("household"));
    const which = window.location.pathname.includes("together") ? "together" : asked().get("place") ? "place" : "household";
    const kept = copy.forms[which];
    if (which === "household" && !homes.has(id)) return id ? "nothing" : "households";
    if (!kept) return "nothing";
    kept.styles.filter((each) => !find(`link[href="${each}"]`)).forEach(dress);
    const form = new DOMParser().parseFromString(kept.html, "text/html").querySelector("form");
    const home = homes.get(id);
    form.setAttribute("action", window.location.pathname + window.location.search);
    form.dataset.autosave = `${me.user}:visit-${home ? home.id : which}`;
    if (home) form.dataset.outboxTitle = `${find("[data-view=visit]").dataset.title} · ${home.name}`;
    find("[name=client_id]", form).value = self.crypto.randomUUID();
    const day = find("[name=occurred_on]", form);
    if (day) day.value = form.dataset.dayMade = today();
    const points = find("[data-points]", form);
    if (points) points.replaceChildren(...((home && home.points) || []).map(point));
    if (home) {
      const head = brief(home);
      head.querySelectorAll("[data-part=members], [data-part=visits], [data-part=points]").forEach((part) => part.remove());
      find("[data-visit]", head).parentElement.remove();
      find("[data-brief-short]").append(head);
    }
    find("[data-form]").append(document.adoptNode(form));
    await self.ledgerContinue(form);
    const already = new Set([...document.scripts].map((script) => script.getAttribute("src")));
    for (const source of kept.scripts.filter((each) => !already.has(each) && !/htmx/.test(each))) await load(source);
    return "visit";
  };
  const show = (name) => {
    document.querySelectorAll("[data-view]").forEach((part) => (part.hidden = part.dataset.view !== name));
    const title = find(`[data-view=${name}]`).dataset.title;
    find("[data-shell-title]").textContent = title;
    document.title = `${title} · ${document.title}`;
    document.body.classList.toggle("form-page", name === "visit"); // its save button takes the place of the tabs
    find("[data-shell-back]").hidden = !["visit", "household"].includes(name);
    document.querySelectorAll(".tabs a").forEach((tab) => {
      if (new URL(tab.href).pathname === window.location.pathname) tab.setAttribute("aria-current", "page");
    });
  };
  const start = async () => {
    const [name, id] = VIEWS.map(([pattern, view]) => [view, window.location.pathname.match(pattern)]).find(([, match]) => match) || ["nothing", null];
    const me = store && (await store.me());
    const copy = me && (await store.copy());
    const said = find("[data-shell-said]");
    if (!copy) {
      said.textContent = said.dataset.bare;
      show(name === "outbox" ? "outbox" : "nothing");
      return;
    }
    const when = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
    said.textContent = said.dataset.copy.replace("{when}", when.format(new Date(copy.made * 1000)));
    const homes = new Map(copy.households.map((home) => [home.id, home]));
    if (name === "visit") show(await drawForm(copy, homes, me));
    else if (draws[name]) show(draws[name](copy, homes, Number(id[1])) || name);
    else show(name);
    if (!find("[data-view=households]").hidden && name !== "households") draws.households(copy);
  };
  find("[data-shell-again]").addEventListener("click", (event) => {
    event.preventDefault();
    window.location.reload();
  });
  document.addEventListener("ledger:not-kept", (event) => event.target.prepend(cut("shell-not-kept")));
  start().catch(() => show("nothing"));
})();
