"use strict";
// The list works without this. With it, J and K or the arrows move from case to case while the list has the focus, X
// ticks, and ticks stay when the list looks again.

const links = () => [...document.querySelectorAll("#queue a[id^=case-]")];

function move(step) {
  const all = links();
  const at = all.findIndex((link) => link.closest("tr").contains(document.activeElement));
  const wanted = at >= 0 ? at + step : step > 0 ? step - 1 : all.length + step; // from the list itself: in from its ends
  all[Math.min(Math.max(wanted, 0), all.length - 1)]?.focus();
}

const STEPS = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -1000, End: 1000 };

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (!event.target.closest?.("#queue")) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (key === "x") event.target.closest("tr")?.querySelector("[type=checkbox]")?.click();
  else if (key in STEPS) move(STEPS[key]);
  else return;
  event.preventDefault();
});

// --- ticks -----------------------------------------------------------------------------------------------------------

const numberOf = (box) => box.value.split("@")[0];
let kept = null; // what was ticked and chosen, while the list is fetched again

function count() {
  const told = document.getElementById("ticked-count");
  const many = document.querySelectorAll("#queue [name=case]:checked").length;
  if (told) told.textContent = many ? told.dataset.words.replace("#", String(many)) : "";
}

document.addEventListener("change", (event) => { if (event.target.closest?.("#queue")) count(); });
document.addEventListener("htmx:beforeSwap", (event) => {
  const list = event.detail.target;
  if (!list.matches("[data-keeps-ticks]")) return;
  kept = {
    ticks: new Set([...list.querySelectorAll("#queue [name=case]:checked")].map(numberOf)),
    act: list.querySelector("#bulk-action")?.value ?? "",
  };
});
document.addEventListener("htmx:afterSwap", () => {
  if (!kept) return;
  for (const box of document.querySelectorAll("#queue [name=case]")) box.checked = kept.ticks.has(numberOf(box));
  const act = document.getElementById("bulk-action");
  if (act && [...act.options].some((one) => one.value === kept.act)) act.value = kept.act;
  kept = null;
  count();
});
