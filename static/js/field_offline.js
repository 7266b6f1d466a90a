// What lets a phone work alone: its pass, the pages it keeps, and what it need not remember any more.
"use strict";
const REASKED = ["pass_unknown", "pass_expired"];
const DAY = 24 * 3600 * 1000;
const RENEWED = 3 * DAY;
const FORGET = 30 * DAY;
const FRESH = 5 * 60 * 1000; // a page kept less long ago is not asked for again
let session = "unknown"; // "open", "ended"

// One pass serves for days; one that was taken back is asked for again by hand alone
async function askPass(insist = false) {
  if (!told.pass || session !== "open") return;
  const pass = await held(), why = pass?.why?.code;
  const stale = !pass?.token || Date.now() - pass.since > RENEWED || REASKED.includes(why);
  if (why && !REASKED.includes(why) ? !insist : !stale) return;
  try {
    const headers = { "X-CSRFToken": one("[name=csrfmiddlewaretoken]").value };
    const answer = await fetch(told.pass, { method: "POST", headers, redirect: "manual" });
    if (answer.ok) await Field.keepPass(told.campaign, told.user, await answer.json());
    else if (answer.status === 409) await Field.blockPass(told.campaign, told.user, await answer.json());
  } catch (error) {
    console.warn(error); // no network after all: what waits goes on waiting
  }
}

// Whoever signs in on this phone after somebody else finds none of their pages
async function sameUser() {
  const before = localStorage.getItem("terrain-pour");
  if (before && before !== told.user) await forgetPages();
  localStorage.setItem("terrain-pour", told.user);
}

async function lookAround() {
  try {
    const answer = await fetch(location.pathname, { redirect: "manual", cache: "no-store" });
    session = answer.ok ? "open" : answer.type === "opaqueredirect" ? "ended" : "unknown";
    const page = answer.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
    if (page && page.body.dataset.user === told.user) {
      one("[name=csrfmiddlewaretoken]").value = one("[name=csrfmiddlewaretoken]", page).value;
      await forgetSent();
    }
  } catch {
    session = "unknown";
  }
}

// What the page itself says needs no telling again
async function forgetSent() {
  const old = (item) => item.received_at && Date.now() - item.order > FORGET;
  const gone = (item) => old(item) || (mine(item) && item.street === streetKey() && isOnPage(item));
  for (const item of (await Field.all()).filter(gone)) await Field.remove(item.id);
}

const isOnPage = (item) => Boolean(item.received_at) && new Date(item.received_at) < new Date(told.renderedAt);

async function keepPages() {
  const pass = await held();
  if (session === "ended" && pass && new Date(pass.expires_at) < Date.now()) await forgetPages(told.campaign);
  if (session !== "open" || (pass?.why && !REASKED.includes(pass.why.code))) return;
  const paths = [location.pathname, ...every("a[data-keep]").map((each) => each.pathname)];
  let kept = 0;
  for (const path of new Set(paths.filter((each) => isOfWalk(told.scope, each)))) kept += (await keepPage(path)) ? 1 : 0;
  const ready = one("[data-ready]");
  if (ready && kept > 1) {
    ready.textContent = "Les voies de ce tour sont sur ce téléphone\u202f: vous pouvez partir sans réseau.";
    ready.hidden = false;
  }
}

async function keepPage(path) {
  try {
    const hit = await caches.match(path, { ignoreVary: true });
    if (hit && new Date(told.renderedAt) - new Date(hit.headers.get("Date") || 0) < FRESH) return true;
    const answer = await fetch(path, { redirect: "manual", cache: "no-store" });
    if (!answer.ok) return false;
    await (await caches.open(cacheOf(told.scope, path))).put(path, answer);
    return true;
  } catch {
    return false;
  }
}
