// Keeps the pages of the walk, and those alone, for when there is no network; sends what waits when it is back.
"use strict";
const { version, scope, shell } = self.FIELD;
const SHELL = `terrain-fichiers-${version}`;
const PATIENCE = 4000; // milliseconds: a street without network has often a little of one
const NOWHERE = `<!doctype html><html lang="fr"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Sans réseau</title><h1>Sans réseau</h1><p>Cette page n’est pas sur ce téléphone. Ce que vous avez noté y est, et partira.</p>
<p><a href="${scope}">Mes tours</a></p></html>`;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll(shell)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = (name) => name.startsWith("terrain-fichiers-") && name !== SHELL;
  event.waitUntil(
    caches.keys().then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("sync", (event) => event.tag === "terrain" && event.waitUntil(sendAll()));

// A tap that can still be taken back leaves a moment later; a failure lets the browser try again
async function sendAll() {
  await Field.send();
  if (!(await Field.waiting()).length) return;
  await new Promise((resolve) => setTimeout(resolve, 6000));
  await Field.send();
  if ((await Field.waiting()).some((item) => !item.code)) throw new Error("later");
}

self.addEventListener("fetch", (event) => {
  const { request } = event, { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate" && isOfWalk(scope, pathname)) event.respondWith(page(request, pathname));
  else if (request.mode === "navigate" && pathname.startsWith(scope)) event.respondWith(fetch(request).catch(nowhere));
  else if (shell.includes(pathname)) event.respondWith(file(request));
});

async function file(request) {
  return (await caches.match(request, { cacheName: SHELL, ignoreVary: true })) || fetch(request);
}

// The network first; when it does not answer, or when the session has ended, what was kept
async function page(request, pathname) {
  const kept = () => caches.match(pathname, { ignoreVary: true, ignoreSearch: true });
  const answer = fetch(request).then((response) => keep(pathname, response)).catch(() => null);
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE, "late"));
  let first = await Promise.race([answer, late]);
  if (first === "late") first = (await kept()) || (await answer);
  if (first && first.type !== "opaqueredirect" && first.status < 500) return first;
  return (await kept()) || first || nowhere();
}

function nowhere() {
  return new Response(NOWHERE, { headers: { "Content-Type": "text/html; charset=utf-8" } });
}

async function keep(pathname, response) {
  if (response.ok && !response.redirected) {
    const cache = await caches.open(cacheOf(scope, pathname));
    await cache.put(pathname, response.clone());
  }
  return response;
}
