// Marks in the outline which section is being read: the one of which most is in view. Nothing moves, nothing is said.
// What is seen is measured against the whole window, so it is right as well where the course site sizes our frame.

const STEPS = Array.from({ length: 41 }, (_, step) => step / 40);

const links = [...document.querySelectorAll(".outline-list a[href^='#']")];
const ids = new Set(links.map((link) => link.hash.slice(1)));
const places = [...document.querySelectorAll(".story, .section, .terms")];
const heights = new Map(places.map((place) => [place, 0]));

function show() {
  let most = null;
  for (const [place, height] of heights) if (height > (most ? heights.get(most) : 0)) most = place;
  if (!most) return; // between two measurements nothing is in view: what was marked still holds
  for (const link of links) {
    if (ids.has(most.id) && link.hash === `#${most.id}`) link.setAttribute("aria-current", "location");
    else link.removeAttribute("aria-current");
  }
}

const observer = new IntersectionObserver((entries) => {
  for (const { target, intersectionRect } of entries) heights.set(target, intersectionRect.height);
  show();
}, { threshold: STEPS });
for (const place of places) observer.observe(place);
