// The map of the units on offer: the same as the list, in its order. Without it, the list says everything.
"use strict";
const SCALE = 1e5, BESIDE = 26;

class OfferMap {
  constructor(section) {
    this.section = section;
    this.settings = JSON.parse(document.getElementById("map-settings").textContent);
    this.markers = new Map();
    this.beside = new Map();
    this.near = this.settings.tiles ? 17 : 15; // without tiles there is nothing to see from nearer
  }

  async start() {
    const answer = await fetch(this.settings.url);
    if (!answer.ok) return;
    const { places, outlines } = await answer.json();
    if (!places.length) return;
    this.section.hidden = false;
    this.draw(outlines);
    places.forEach((place) => this.place(place));
    this.look(places);
    this.listen();
    this.say(places.length);
  }

  draw(outlines) {
    const frame = this.section.querySelector("[data-map-frame]");
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.map = L.map(frame, {
      zoomControl: false, preferCanvas: true, maxZoom: 19, minZoom: 6, scrollWheelZoom: false,
      zoomAnimation: !still, fadeAnimation: !still, markerZoomAnimation: !still,
    });
    frame.setAttribute("role", "region");
    frame.setAttribute("aria-label", "Carte des locaux");
    this.map.attributionControl.setPrefix(false);
    L.control.zoom({ zoomInTitle: "Agrandir la carte", zoomOutTitle: "Réduire la carte" }).addTo(this.map);
    const style = { color: getComputedStyle(frame).borderTopColor, weight: 1.5, fillOpacity: 0.12, interactive: false };
    L.geoJSON(outlines.map((geometry) => ({ type: "Feature", properties: {}, geometry })), { style }).addTo(this.map);
    if (this.settings.tiles) {
      L.tileLayer(this.settings.tiles, { attribution: this.settings.attribution, maxZoom: 19 }).addTo(this.map);
    }
  }

  place([pk, latitude, longitude, name]) {
    const where = [latitude / SCALE, longitude / SCALE], item = itemOf(pk);
    const marker = item || name ? this.button(where, item, name) : this.dot(where);
    marker.on("click", () => this.open(pk)).addTo(this.map);
    this.markers.set(pk, marker);
  }

  // Those of the page bear their number; all are buttons with a name while they are few
  button(where, item, name) {
    const button = document.createElement("button");
    const rank = item?.querySelector(".offer__rank")?.textContent || "";
    button.type = "button";
    button.className = rank ? "map__place" : "map__place map__place--other";
    button.textContent = rank;
    button.setAttribute("aria-label", `${rank ? `${rank}, ` : ""}${name || item.querySelector(".offer__title a").textContent}`);
    const key = where.join(), shift = this.beside.get(key) || 0;
    this.beside.set(key, shift + 1); // several units of one building stand side by side
    const icon = L.divIcon({ html: button, className: "map__icon", iconSize: [30, 30], iconAnchor: [15 - shift * BESIDE, 15] });
    return L.marker(where, { icon, keyboard: false, riseOnHover: true });
  }

  dot(where) {
    const colour = getComputedStyle(this.map.getContainer()).outlineColor;
    return L.circleMarker(where, { radius: 5, weight: 1, color: colour, fillColor: colour, fillOpacity: 0.6 });
  }

  open(pk) {
    this.close();
    const marker = this.markers.get(pk), anchor = marker.options.icon?.options.iconAnchor || [15, 15];
    this.popup = L.popup({ maxWidth: 300, minWidth: 220, autoPanPadding: [30, 30], offset: [15 - anchor[0], -6] });
    this.popup.pk = pk;
    this.popup.setLatLng(marker.getLatLng()).setContent(this.content(pk)).openOn(this.map);
    this.dress(this.popup.getElement());
    itemOf(pk)?.classList.add("offer--shown");
  }

  dress(box) {
    const close = box.querySelector(".leaflet-popup-close-button");
    close?.setAttribute("aria-label", "Fermer");
    close?.setAttribute("title", "Fermer");
    box.setAttribute("role", "dialog");
    box.setAttribute("aria-label", "Local choisi");
    box.tabIndex = -1;
    box.focus({ preventScroll: true });
  }

  close() {
    if (this.popup) this.map.closePopup(this.popup);
  }

  // Whoever leaves a popup by the keyboard comes back to the button it came from
  closed(popup) {
    itemOf(popup.pk)?.classList.remove("offer--shown");
    const button = this.markers.get(popup.pk).getElement()?.querySelector?.("button");
    if (popup.getElement()?.contains(document.activeElement)) (button || this.map.getContainer()).focus({ preventScroll: true });
    if (this.popup === popup) this.popup = null;
  }

  // The popup says what the list says: the card of the page, or the same one asked of the site
  content(pk) {
    const box = document.createElement("div");
    box.className = "map__card";
    const item = itemOf(pk);
    if (item) box.append(...copied(item));
    else this.fetchCard(pk, box);
    return box;
  }

  async fetchCard(pk, box) {
    box.textContent = "Un instant…";
    const answer = await fetch(this.settings.card.replace("/0/", `/${pk}/`));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const item = page.querySelector("[data-offer]");
    if (answer.ok && item) box.replaceChildren(...copied(item));
    else box.textContent = "Ce local n’est plus proposé.";
    if (this.popup?.pk === pk) this.popup.update();
  }

  look(places) {
    const bounds = L.latLngBounds(places.map(([, latitude, longitude]) => [latitude / SCALE, longitude / SCALE]));
    this.map.fitBounds(bounds, { padding: [30, 30], maxZoom: this.near, animate: false });
  }

  listen() {
    this.map.on("popupclose", ({ popup }) => this.closed(popup));
    this.section.addEventListener("keydown", (event) => event.key === "Escape" && this.close());
    document.querySelectorAll("[data-show]").forEach((button) => {
      button.hidden = !this.markers.has(Number(button.dataset.show));
      button.addEventListener("click", () => this.show(Number(button.dataset.show)));
    });
  }

  show(pk) {
    const marker = this.markers.get(pk);
    this.map.setView(marker.getLatLng(), Math.max(this.map.getZoom(), this.near), { animate: false });
    this.section.scrollIntoView({ block: "nearest" });
    this.open(pk);
  }

  say(number) {
    const words = number > 1 ? `${number} locaux sont placés` : "1 local est placé";
    this.section.querySelector("[data-map-status]").textContent = `${words} sur la carte, comme dans la liste.`;
  }
}

function itemOf(pk) {
  return document.getElementById(`local-${pk}`);
}

function copied(item) {
  const copy = item.cloneNode(true);
  copy.querySelectorAll("[data-show], .offer__rank").forEach((part) => part.remove());
  return copy.childNodes;
}

const section = document.querySelector("[data-map]");
if (section) new OfferMap(section).start();
