"use strict";
// The pages work without this. With it, pages are turned while an opinion is being written, and templates are put in
// where the cursor stands.

const MOVES = {
  ArrowLeft: "previous", ArrowRight: "next", Home: "first", End: "last", "+": "larger", "=": "larger", "-": "smaller",
  r: "turn", R: "turn",
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (event.target.matches?.("select[data-phrases]") && event.key === "Enter") {
    event.preventDefault();
    insert(event.target);
  } else if (event.target.closest?.("#leaf")) {
    const move = event.shiftKey && event.key.startsWith("Arrow") ? `line-${MOVES[event.key]}` : MOVES[event.key];
    const link = move && document.querySelector(`#leaf [data-move="${move}"]`);
    if (!link) return;
    event.preventDefault();
    if (event.repeat && turning) return; // a key that is held goes as fast as the pages come
    document.getElementById("leaf").focus({ preventScroll: true });
    link.click();
  }
});

// --- pages in their order, however quickly the keys come ---------------------------------------------------------------

const ahead = [];
let turning = false;
let writing = null; // the field that was left for a link beside it: whoever turns a page while writing goes on writing

document.addEventListener("focusin", (event) => {
  if (!event.target.closest("#leaf")) writing = null;
  else if (event.relatedTarget?.matches("#actions textarea, #actions input, #actions select")) writing = event.relatedTarget;
});
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("#leaf a[data-move]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (writing?.isConnected) writing.focus({ preventScroll: true });
  if (!turning) return;
  event.preventDefault();
  event.stopPropagation();
  if (ahead.length < 3) ahead.push(link.dataset.move);
}, true);
document.addEventListener("htmx:beforeRequest", (event) => { if (event.detail.target.id === "leaf") turning = true; });
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.target?.id !== "leaf") return;
  turning = false;
  const next = ahead.shift();
  if (next) document.querySelector(`#leaf [data-move="${next}"]`)?.click();
});

// --- templates -------------------------------------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("button[data-insert]");
  if (button) {
    event.preventDefault();
    insert(document.getElementById(`phrase-${button.dataset.insert}`));
  } else if (event.target.id === "tick-all") {
    for (const box of document.querySelectorAll("#queue [name=case]:not(:checked)")) box.click();
  }
});

function insert(select) {
  const words = select.selectedOptions[0]?.dataset.words;
  const field = document.getElementById(select.dataset.phrases);
  if (!words || !field) return;
  field.focus();
  field.setRangeText(words, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  select.value = "";
}

// --- the page beside the form ------------------------------------------------------------------------------------------

function settle() {
  const place = document.getElementById("leaf")?.dataset.place;
  for (const field of document.querySelectorAll("#actions input[name=place]")) if (place) field.value = place;
  document.getElementById("tick-all")?.removeAttribute("hidden");
  const picture = document.getElementById("picture");
  if (picture?.complete && picture.naturalWidth === 0) tellMissing();
}

function tellMissing() {
  document.getElementById("missing")?.removeAttribute("hidden");
}

document.addEventListener("error", (event) => { if (event.target.id === "picture") tellMissing(); }, true);
document.addEventListener("htmx:afterSwap", settle);
settle();
if (!document.querySelector("[autofocus]")) document.getElementById("leaf")?.focus({ preventScroll: true });
