"use strict";
// The pages work without this. It keeps a form from being sent twice, and typed text from being left behind unsaved.

const sending = new WeakSet();
const typed = new Set();

document.addEventListener("input", (event) => {
  if (event.target.form?.method === "post") typed.add(event.target.form);
});

document.addEventListener("submit", (event) => {
  if (sending.has(event.target)) {
    event.preventDefault();
    return;
  }
  typed.delete(event.target);
  if (typed.size) return; // the browser will ask first, and the reader may stay
  sending.add(event.target);
  event.submitter?.setAttribute("aria-disabled", "true");
});

// A page that comes back from the browser's memory has sent nothing yet.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

window.addEventListener("beforeunload", (event) => {
  if (typed.size) event.preventDefault();
});

// A section that the address names is opened; so is an action reached by its access key.
const named = location.hash && document.getElementById(location.hash.slice(1));
if (named instanceof HTMLDetailsElement) named.open = true;
document.querySelector("[role=alert][autofocus]")?.focus();
