// What a phone saw and has not sent yet, kept by the browser; the page and the worker share it.
"use strict";
const KEEPS = "terrain";
const LOOKS = "observations", PASSES = "passes";
const LONGEST = 90000; // milliseconds that a photo may take on a poor network
const PAUSE = 429; // the first status that means « later », with those of a server in trouble
const fieldNews = new BroadcastChannel(KEEPS);

const Field = {
  async all() {
    const rows = await this.read(LOOKS, (store) => store.getAll());
    return rows.sort((one, other) => one.order - other.order);
  },

  async waiting() {
    return (await this.all()).filter((item) => item.state === "waiting");
  },

  async put(item) {
    await this.write(LOOKS, (store) => store.put(item));
    fieldNews.postMessage("changed");
  },

  async remove(id) {
    await this.write(LOOKS, (store) => store.delete(id));
    fieldNews.postMessage("changed");
  },

  // In one breath: what another tab or the worker does to the same row comes before or after
  async change(id, act) {
    let outcome;
    await this.write(LOOKS, (store) => {
      const asked = store.get(id);
      asked.onsuccess = () => {
        outcome = asked.result && act(asked.result);
        if (outcome === null) store.delete(id);
        else if (outcome) store.put(outcome);
      };
      return asked;
    });
    if (outcome !== undefined) fieldNews.postMessage("changed");
    return outcome;
  },

  pass: (campaign, user) => Field.read(PASSES, (store) => store.get(`${campaign}:${user}`)),

  keepPass(campaign, user, { token, expires_at }) {
    return this.write(PASSES, (store) => store.put({ id: `${campaign}:${user}`, token, expires_at, since: Date.now() }));
  },

  async blockPass(campaign, user, why) {
    const held = (await this.pass(campaign, user)) || { id: `${campaign}:${user}` };
    await this.write(PASSES, (store) => store.put({ ...held, why }));
  },

  // One sender at a time, whatever the tabs; taps do not wait for it
  send() {
    return navigator.locks ? navigator.locks.request("terrain-envoi", () => this.sendAll()) : this.sendAll();
  },

  async sendAll() {
    const shut = new Set();
    for (let item; (item = await this.next(shut)); ) {
      const outcome = await this.sendOne(item);
      if (outcome === "later") break;
      if (outcome === "shut") shut.add(`${item.campaign}:${item.user}`);
    }
  },

  async next(shut) {
    const now = Date.now();
    const ready = (item) => (item.held_until || 0) <= now && !shut.has(`${item.campaign}:${item.user}`);
    return (await this.waiting()).find(ready);
  },

  async sendOne({ id, campaign, user }) {
    const held = await this.pass(campaign, user);
    if (!held?.token) return "shut";
    const item = await this.change(id, (now) => (now.state === "waiting" ? { ...now, tried: true } : undefined));
    if (!item) return "next"; // taken back meanwhile
    let answer, told;
    try {
      answer = await fetch(item.url, {
        method: "POST", body: formOf(item), credentials: "omit", redirect: "error", cache: "no-store",
        headers: { "X-Campaign-Pass": held.token, Accept: "application/json" }, signal: AbortSignal.timeout(LONGEST),
      });
      told = (await answer.json()) || {}; // the page of a hotel's network is no answer of ours
    } catch {
      return "later"; // it may have arrived though no answer came: the same identifier says so next time
    }
    if (answer.ok && held.why) await this.write(PASSES, (store) => store.put({ ...held, why: null }));
    return this.hear(item, answer.status, told);
  },

  async hear(item, status, told) {
    if (status >= PAUSE || !("code" in told || "received_at" in told)) return "later";
    if (status === 403) {
      await this.blockPass(item.campaign, item.user, told);
      await this.note(item.id, { message: told.message, code: told.code });
      if (told.code !== "pass_expired") await forgetPages(item.campaign);
      return "shut";
    }
    if (status >= 400) await this.note(item.id, { state: "refused", message: told.message, code: told.code });
    else await this.note(item.id, { state: told.conflict ? "conflict" : "sent", message: told.conflict, code: "", photo: null, received_at: told.received_at, known: told.state });
    return "next";
  },

  note: (id, news) => Field.change(id, (item) => ({ ...item, ...news })),
  read: (store, ask) => inStore(store, "readonly", ask),
  write: (store, ask) => inStore(store, "readwrite", ask),
};

function formOf(item) {
  const form = new FormData();
  for (const [name, value] of Object.entries(item.fields)) form.append(name, value ?? "");
  form.append("client_id", item.target || item.id);
  form.append("seen_at", item.seen_at);
  form.append("sent_at", new Date().toISOString());
  if (item.photo) form.append("photo", item.photo, item.photo_name || "photo.jpg");
  return form;
}

function inStore(name, mode, ask) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(KEEPS, 1);
    opening.onupgradeneeded = () => {
      opening.result.createObjectStore(LOOKS, { keyPath: "id" });
      opening.result.createObjectStore(PASSES, { keyPath: "id" });
    };
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const exchange = opening.result.transaction(name, mode);
      const asked = ask(exchange.objectStore(name));
      exchange.oncomplete = () => { opening.result.close(); resolve(asked.result); };
      exchange.onabort = exchange.onerror = () => { opening.result.close(); reject(exchange.error); };
    };
  });
}

// The pages that are kept: the walks, a walk, a street
const isOfWalk = (scope, path) => path.startsWith(scope) && /^(?:(\d+)\/(?:voies\/[^/]+\/)?)?$/.test(path.slice(scope.length));
const cacheOf = (scope, path) => `terrain-tour-${path.slice(scope.length).match(/^\d+/) || "liste"}`;

// The pages that were kept of a survey, or of all; what waits to be sent stays
async function forgetPages(campaign) {
  const kept = (await caches.keys()).filter((name) => name.startsWith("terrain-tour-"));
  await Promise.all(kept.filter((name) => !campaign || name === `terrain-tour-${campaign}`).map((name) => caches.delete(name)));
}
