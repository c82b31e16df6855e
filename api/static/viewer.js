"use strict";
// The links do everything; this lets the keyboard follow them while the picture has the focus.

const viewer = document.getElementById("viewer");
const MOVES = {
  ArrowLeft: "previous", ArrowRight: "next", Home: "first", End: "last",
  "+": "larger", "=": "larger", "-": "smaller", r: "turn", R: "turn",
};
const WITH_SHIFT = { ArrowLeft: "line-previous", ArrowRight: "line-next" };

viewer?.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const move = (event.shiftKey && WITH_SHIFT[event.key]) || MOVES[event.key];
  const link = move && document.querySelector(`[data-move="${move}"]`);
  if (!link) return;
  event.preventDefault();
  location.href = link.href;
});

// A picture that cannot be had is said to be missing, beside its description.
const picture = document.getElementById("picture");
const tell = () => { document.getElementById("missing").hidden = false; };
picture?.addEventListener("error", tell);
if (picture?.complete && picture.naturalWidth === 0) tell();
viewer?.focus({ preventScroll: true });
