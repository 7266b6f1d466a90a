// A survey in the street: a tap is kept at once, sent when there is a network, and can be taken back.
"use strict";
const told = document.body.dataset;
const HELD = 5000; // milliseconds during which a tap is only on the phone: time to take it back
const EVERY = 15000;
const SIDE = 1600; // pixels: what the server keeps of a photo
const WORDS = { unchanged: "Inchangé", vacant: "Vacant", open: "Ouvert", works: "Travaux" };
const STATES = { vacant: "vacant", open: "occupied", works: "transition" };
const PARTED = "Votre session est fermée\u202f: vos observations partent quand même.";
let refreshing = false, again = false;

const one = (selector, within = document) => within.querySelector(selector);
const every = (selector, within = document) => [...within.querySelectorAll(selector)];
const counted = (number, word, words = `${word}s`) => `${number}\u00a0${number > 1 ? words : word}`;

// --- what is tapped ---------------------------------------------------------------------------------------------------

document.addEventListener("submit", (event) => {
  const form = event.target, finding = event.submitter?.value;
  if (!told.look) return;
  if (form.matches("[data-look-form]")) taken(event, () => look(form, finding));
  else if (form.matches("[data-found-form]")) taken(event, () => found(form, finding));
  else if (form.matches("[data-undo-form]")) taken(event, () => takeBack(form.closest("[data-stop]")));
});

// A browser that cannot keep anything (private window, full disk) sends the plain form
function taken(event, act) {
  event.preventDefault();
  act().catch((error) => {
    console.warn(error);
    const repeat = document.createElement("input");
    Object.assign(repeat, { type: "hidden", name: "finding", value: event.submitter?.value || "" });
    event.target.append(repeat);
    event.target.submit();
  });
}

async function newItem(kind, fields, more = {}) {
  const now = Date.now(), id = crypto.randomUUID();
  const item = { id, kind, campaign: told.campaign, user: told.user, state: "waiting", order: now, held_until: now + HELD };
  return { ...item, url: told[kind], fields, seen_at: new Date(now).toISOString(), ...more };
}

async function look(form, finding) {
  const stop = form.closest("[data-stop]"), unit = stop.dataset.stop, fields = typed(form);
  const last = (await itemsOf(unit)).at(-1);
  fields.unit = unit;
  fields.finding = finding;
  fields.state_before = last ? stateAfter(last) : stop.dataset.state;
  const photo = await photoOf(form);
  const item = await newItem("look", fields, { where: nameOf(stop), street: streetKey(), first: !stop.classList.contains("stop--seen"), ...photo });
  const held = last && (await Field.change(last.id, (before) => (isHere(before) ? amended(before, item) : undefined)));
  if (!held) await Field.put(item);
  form.reset();
  one(".stop__more", stop).open = false;
  await refresh();
  goOn(stop, finding);
  later();
}

const isHere = (item) => item.state === "waiting" && !item.tried;

// A tap that has not left the phone takes what is said next: one look, one row
function amended(before, item) {
  const fields = { ...item.fields, state_before: before.fields.state_before };
  fields.note ||= before.fields.note;
  if (fields.sign_name === fields.sign_before) fields.sign_name = before.fields.sign_name;
  const photo = item.photo ? { photo: item.photo, photo_name: item.photo_name } : {};
  return { ...before, ...photo, fields, seen_at: item.seen_at, held_until: item.held_until };
}

async function found(form, finding) {
  const fields = { ...typed(form), finding, street: form.dataset.street };
  const where = [fields.number || "Sans n°", fields.repetition, fields.door].filter(Boolean).join(" ");
  const item = await newItem("found", fields, { where: `${where}, ${one("h1").textContent}`, street: streetKey(), ...(await photoOf(form)) });
  await Field.put(item);
  form.reset();
  form.closest("details").open = false;
  one("summary", form.closest("details")).focus();
  await refresh();
  later();
}

async function takeBack(stop) {
  const unit = stop.dataset.stop, items = await itemsOf(unit), last = items.at(-1);
  let left = !last;
  if (last) await Field.change(last.id, (now) => { left = now.state !== "refused" && !isHere(now); return null; });
  if (left) {
    const more = { target: last?.id || stop.dataset.seen, where: nameOf(stop), street: streetKey(), held_until: 0 };
    await Field.put(await newItem("undo", { unit }, more));
  }
  stop.focus({ preventScroll: true });
  await refresh();
  later(0);
}

function typed(form) {
  const values = {};
  new FormData(form).forEach((value, name) => {
    if (typeof value === "string" && !["csrfmiddlewaretoken", "client_id", "state_before", "finding"].includes(name)) values[name] = value;
  });
  return values;
}

// Small enough for the network of a street; what the camera wrote about the place is gone
async function photoOf(form) {
  const file = one("[type=file]", form)?.files[0];
  if (!file) return {};
  try {
    const image = await createImageBitmap(file), scale = Math.min(1, SIDE / Math.max(image.width, image.height));
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [Math.round(image.width * scale), Math.round(image.height * scale)];
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    const photo = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.85));
    return photo ? { photo, photo_name: "photo.jpg" } : { photo: file, photo_name: file.name };
  } catch {
    return { photo: file, photo_name: file.name };
  }
}

function goOn(stop, finding) {
  const stops = every("[data-stop]"), place = stops.indexOf(stop);
  const next = [...stops.slice(place + 1), ...stops.slice(0, place)].find((each) => !each.classList.contains("stop--seen"));
  const end = next || document.getElementById("fin");
  end?.focus({ preventScroll: true });
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  end?.scrollIntoView({ block: next ? "center" : "end", behavior: still ? "auto" : "smooth" });
  announce(`${nameOf(stop)}\u202f: ${WORDS[finding].toLowerCase()}.`);
}

// --- what is shown ----------------------------------------------------------------------------------------------------

const mine = (item) => item.campaign === told.campaign && item.user === told.user;
const itemsOf = async (unit) => (await Field.all()).filter((item) => mine(item) && item.kind !== "undo" && String(item.fields.unit) === unit);

function stateAfter({ known, fields: { finding, state_before } }) {
  if (known) return known;
  const kept = { vacant: "never", open: "partly" }[finding] === state_before; // a finer state that agrees
  return kept ? state_before : STATES[finding] || state_before;
}

const streetKey = () => one("[data-found-form]")?.dataset.street || "";
const nameOf = (stop) => `${one("h3", stop).textContent.trim().replace(/\s+/g, " ")}, ${one("h1").textContent}`;

async function refresh() {
  if (refreshing) { again = true; return; }
  refreshing = true;
  const items = await Field.all();
  if (told.campaign) overlay(items.filter(mine));
  outbox(items);
  bar(items, await held());
  refreshing = false;
  if (again) { again = false; await refresh(); }
}

async function held() {
  return told.campaign ? Field.pass(told.campaign, told.user) : null;
}

function overlay(items) {
  every("[data-stop]").forEach((stop) => {
    const own = items.filter((item) => String(item.fields.unit) === stop.dataset.stop);
    show(stop, own.filter((item) => item.kind === "look").at(-1), own.find((item) => item.kind === "undo" && item.state !== "refused"));
  });
  every("[data-street][data-total]").forEach((row) => {
    const fresh = items.filter((item) => item.first && item.street === row.dataset.street && !isOnPage(item));
    const seen = Math.min(Number(row.dataset.total), Number(row.dataset.seen) + new Set(fresh.map((item) => item.fields.unit)).size);
    one("[data-count]", row).firstChild.textContent = `${seen}/${row.dataset.total}`;
    row.classList.toggle("street-link--done", seen === Number(row.dataset.total));
  });
  foundHere(items.filter((item) => item.kind === "found" && item.street === streetKey()));
  progress(items);
}

function servedBy(stop) {
  const [label, note, conflict] = ["result-label", "result-note", "conflict"].map((name) => one(`[data-${name}]`, stop).textContent);
  const seen = stop.classList.contains("stop--seen"), fixed = one("[data-undo-form]", stop).hidden;
  return { seen, label, note, conflict, fixed, again: stop.dataset.again };
}

function show(stop, item, undone) {
  stop.server ??= servedBy(stop);
  const { server } = stop, seen = Boolean(item) || (server.seen && !undone);
  const changed = seen !== stop.classList.contains("stop--seen") || (item?.id || "") !== (stop.shown || "");
  stop.shown = item?.id || "";
  stop.classList.toggle("stop--seen", seen);
  one("[data-result]", stop).hidden = !seen;
  one("[data-undo-form]", stop).hidden = !item && server.fixed;
  one("[data-result-label]", stop).textContent = item ? WORDS[item.fields.finding] : server.label;
  one("[data-result-note]", stop).textContent = item ? noteOf(item) : server.note;
  const conflict = item ? item.message || "" : undone ? "" : server.conflict;
  one("[data-conflict]", stop).textContent = conflict;
  one("[data-conflict]", stop).hidden = !conflict;
  const repeat = item?.fields.finding || server.again, button = one("[data-again-button]", stop);
  button.value = repeat;
  button.hidden = !repeat;
  if (!changed) return;
  one("[data-form] > summary", stop).textContent = seen ? "Corriger" : "Ce que vous voyez";
  one("[data-form]", stop).open = !seen;
}

function noteOf(item) {
  const at = new Date(item.seen_at).toLocaleTimeString("fr", { hour: "2-digit", minute: "2-digit" }).replace(":", "\u00a0h\u00a0");
  const where = { waiting: "à envoyer", sent: "envoyé", conflict: "envoyé, à trancher", refused: "refusé, gardé ici" }[item.state];
  return `${at}, ${where}`;
}

function foundHere(items) {
  const list = one("[data-found-list]");
  if (!list) return;
  list.hidden = !items.length;
  list.replaceChildren(...items.map(row));
}

function progress(items) {
  const box = one("[data-progress]");
  if (!box) return;
  const total = Number(box.dataset.total), stops = every("[data-stop]"), rows = every("[data-street][data-total] [data-count]");
  const counts = rows.map((each) => Number(each.firstChild.textContent.split("/")[0]));
  const seen = stops.length ? every(".stop--seen").length : counts.reduce((sum, count) => sum + count, 0);
  one("progress", box).value = seen;
  one("[data-progress-text]", box).textContent = `${counted(seen, "vue")} sur ${total}`;
}

function outbox(items) {
  const box = one("[data-outbox]");
  if (!box) return;
  const shown = items.filter((item) => item.state === "refused" || item.state === "conflict" || (item.state === "waiting" && item.code));
  box.hidden = !shown.length;
  one("[data-outbox-list]").replaceChildren(...shown.map(row));
}

function row(item) {
  const line = document.createElement("li"), text = document.createElement("p"), links = document.createElement("p");
  line.className = `outbox__item outbox__item--${item.state}`;
  text.textContent = [`${item.where}\u202f: ${item.kind === "undo" ? "annulation" : WORDS[item.fields.finding].toLowerCase()}`, noteOf(item), item.message].filter(Boolean).join(". ");
  links.className = "outbox__links";
  if (item.state === "refused") links.append(button("Renvoyer", () => Field.note(item.id, { state: "waiting", message: "", code: "" }).then(sendNow)));
  if (item.state !== "sent") links.append(button(item.state === "conflict" ? "C’est lu" : "Abandonner", () => drop(item)));
  line.append(text, links);
  return line;
}

async function drop(item) {
  const lost = item.state !== "conflict";
  if (lost && !confirm("Cette observation n’est pas partie. L’effacer de ce téléphone\u202f?")) return;
  await Field.remove(item.id);
  await refresh();
}

function button(label, act) {
  const made = document.createElement("button");
  Object.assign(made, { type: "button", className: "button button--quiet", textContent: label });
  made.addEventListener("click", act);
  return made;
}

// --- what waits -------------------------------------------------------------------------------------------------------

function bar(items, pass) {
  const box = one("[data-bar]"), waiting = items.filter((item) => item.state === "waiting").length;
  const refused = items.filter((item) => item.state === "refused").length;
  const parts = waiting ? [`${counted(waiting, "observation")} à envoyer`] : refused ? [] : ["Tout est envoyé"];
  if (refused) parts.push(`${counted(refused, "refusée")}, à revoir`);
  if (!navigator.onLine) parts.push("sans réseau");
  else if (pass?.why) parts.push(pass.why.message);
  else if (session === "ended") parts.push(PARTED);
  say(parts.join(" · "));
  box.hidden = false;
  box.classList.toggle("outbox-bar--waiting", waiting > 0);
  one("[data-bar-send]").hidden = !waiting || !navigator.onLine;
  link(session === "ended" ? "Se reconnecter" : refused ? "Voir" : "", session === "ended" ? `${told.login}?next=${encodeURIComponent(location.pathname)}` : pageOfTour());
}

const pageOfTour = () => (told.campaign ? `${told.scope}${told.campaign}/` : told.scope);

function link(label, href) {
  const shown = one("[data-bar-link]");
  Object.assign(shown, { textContent: label, href, hidden: !label });
}

function say(text) {
  const box = one("[data-bar-text]");
  if (box.textContent !== text) box.textContent = text;
}

function announce(text) {
  const box = one("[data-spoken]") || one("main").appendChild(Object.assign(document.createElement("p"), { className: "visually-hidden" }));
  box.dataset.spoken = "";
  box.setAttribute("role", "status");
  box.textContent = text;
}

// A moment after the tap, and whenever the network is back: the browser does it by itself where it knows how
function later(wait = HELD + 200) {
  setTimeout(sendNow, wait);
  navigator.serviceWorker?.ready.then((registration) => registration.sync?.register("terrain")).catch(() => {});
}

async function sendNow() {
  if (!navigator.onLine) return refresh();
  await askPass();
  await Field.send();
  return refresh();
}

// --- the page -------------------------------------------------------------------------------------------------------

async function start() {
  one("[data-focus]")?.focus();
  fieldNews.addEventListener("message", refresh);
  addEventListener("online", sendNow);
  addEventListener("offline", refresh);
  document.addEventListener("visibilitychange", () => document.hidden || sendNow());
  one("[data-bar-send]").addEventListener("click", () => ready().then(() => askPass(true)).then(sendNow));
  await refresh();
  const worker = await navigator.serviceWorker?.register(told.worker, { scope: told.scope }).catch(() => null);
  await sameUser();
  await lookAround();
  await sendNow();
  if (worker) await keepPages();
  setTimeout(sendNow, HELD + 200); // what the page before was holding
  setInterval(sendNow, EVERY);
}

// Sending by hand does not wait for second thoughts
async function ready() {
  for (const item of await Field.waiting()) await Field.note(item.id, { held_until: 0 });
}

if (window.indexedDB && window.caches && window.BroadcastChannel) start();
