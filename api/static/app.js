"use strict";
// The pages work without this. With it, what was typed is never lost: forms are sent in the background, so that the page
// stays when the server does not answer or the session has ended; and open lists look again when something has changed.

const typed = new Set();
const again = () => document.getElementById("sign-in-again");
const unreachable = () => document.getElementById("unreachable");
let waiting = null; // the form that was refused because the session had ended

// --- forms ---------------------------------------------------------------------------------------------------------

function keepPage(root) {
  if (!window.htmx) return;
  for (const form of root.querySelectorAll("form[method=post]:not([target], [data-leaves], [hx-post], [hx-boost])")) {
    form.setAttribute("hx-boost", "true");
    form.setAttribute("hx-sync", "this:drop"); // a second press while the first is under way
    htmx.process(form);
  }
}

document.addEventListener("input", (event) => {
  if (event.target.form?.method === "post") typed.add(event.target.form);
});

// A preview opens beside the page: the browser sends it itself.
document.addEventListener("submit", (event) => event.submitter?.formTarget && event.stopImmediatePropagation(), true);

// What a button opens in another tab is not put into this page.
document.addEventListener("submit", (event) => { if (event.submitter?.formTarget) event.stopPropagation(); }, true);

const sending = new WeakSet();
document.addEventListener("submit", (event) => {
  const form = event.target;
  typed.delete(form);
  if (form.hasAttribute("hx-boost") || form.hasAttribute("hx-post") || form.target || form.closest("dialog")) return;
  if (sending.has(form)) {
    event.preventDefault();
    return;
  }
  if (typed.size) return; // the browser will ask first, and the reader may stay
  sending.add(form);
  event.submitter?.setAttribute("aria-disabled", "true");
});

window.addEventListener("beforeunload", (event) => {
  for (const form of typed) if (!form.isConnected) typed.delete(form);
  if (typed.size) event.preventDefault();
});

// A page that comes back from the browser's memory has sent nothing yet.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

// Enter in a field, or Ctrl+Enter anywhere in a form, is its main button, whatever buttons stand before it.
document.addEventListener("keydown", (event) => {
  const { target, key, ctrlKey } = event;
  const main = key === "Enter" && !event.defaultPrevented && !event.isComposing && target.form?.querySelector("button.main");
  if (!main || target.matches("button, [type=file]") || (!ctrlKey && target.matches("textarea, select, [type=search]"))) return;
  if (!ctrlKey && target.form.querySelector("button:not([type=button])") === main) return; // the browser's own way
  event.preventDefault();
  main.click();
});

// An act that is opened has the focus in its first field.
document.addEventListener("toggle", (event) => {
  const details = event.target;
  if (!details.matches?.("details.action") || !details.open) return;
  if (document.activeElement !== details.querySelector("summary")) return;
  details.querySelector("form :is(input:not([type=hidden]), select, textarea, button)")?.focus();
}, true);

// --- a server that does not answer, a session that has ended ----------------------------------------------------------

document.addEventListener("htmx:sendError", (event) => stayed(event.detail.elt));
document.addEventListener("htmx:timeout", (event) => stayed(event.detail.elt));
document.addEventListener("htmx:responseError", (event) => {
  const { elt, xhr } = event.detail;
  if (xhr.status === 401) signInAgain(elt);
  else if (xhr.status >= 500) stayed(elt);
});
document.addEventListener("htmx:beforeSwap", () => unreachable()?.setAttribute("hidden", ""));

function stayed(element) {
  const form = element.closest("form[method=post]");
  if (!form || !unreachable()) return; // a list that looks again does so by itself
  typed.add(form);
  unreachable().removeAttribute("hidden");
  unreachable().focus();
}

function signInAgain(element) {
  if (!again() || again().open) return;
  waiting = element.closest("form[method=post]");
  if (waiting) typed.add(waiting);
  again().showModal();
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!again()?.contains(form)) return;
  event.preventDefault();
  const wrong = form.querySelector("[role=alert]");
  wrong.hidden = true;
  try {
    const headers = { "HX-Request": "true" };
    const answer = await fetch(form.action, { method: "POST", headers, body: new URLSearchParams(new FormData(form)) });
    if (answer.ok) takeUp(answer.headers.get("X-Reader"), answer.headers.get("X-CSRF-Token"));
    else wrong.hidden = false;
  } catch {
    wrong.hidden = false;
  }
  form.elements.password.value = "";
});

function takeUp(reader, token) {
  if (reader !== document.getElementById("frame").dataset.reader) {
    typed.clear(); // somebody else is at the desk now: what was typed is not theirs to send
    location.assign("/");
    return;
  }
  for (const field of document.querySelectorAll("input[name=csrf_token]")) field.value = token;
  again().close();
  waiting?.requestSubmit();
  waiting = null;
}

// --- lists that look again -------------------------------------------------------------------------------------------

let stream = null;

function follow() {
  const wanted = document.visibilityState === "visible" && document.querySelector("[data-live]") && window.htmx;
  if (wanted && !stream) {
    stream = new EventSource("/live");
    stream.addEventListener("changed", lookAgain);
  } else if (!wanted && stream) {
    stream.close();
    stream = null;
  }
}
function lookAgain() {
  if (!document.querySelector("[data-live]:not([data-keeps-ticks]) input:checked")) htmx.trigger(document.body, "changed");
}

document.addEventListener("visibilitychange", () => {
  follow();
  if (stream) lookAgain(); // for what happened meanwhile
});
window.addEventListener("pagehide", () => stream?.close());

// --- arrows: in the menu and among actions, from one to the next ---------------------------------------------------------

document.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const list = event.target.closest?.("[data-arrows]");
  if (!step || !list || event.altKey || event.ctrlKey || event.metaKey) return;
  const stops = [...list.querySelectorAll(list.dataset.arrows)].filter((one) => !one.closest("details:not([open]) > :not(summary)"));
  const at = stops.indexOf(event.target);
  if (!stops.length || (at < 0 && event.target !== list)) return; // in a field of a form the arrows are its own
  event.preventDefault();
  stops.at(at < 0 && step < 0 ? -1 : (at + step) % stops.length).focus();
});

// --- an action reached by its access key stays open where it was open ---------------------------------------------------

let reached = 0;
document.addEventListener("focusin", (event) => {
  if (event.target.matches?.("summary[accesskey]")) reached = performance.now();
});
document.addEventListener("click", (event) => {
  const summary = event.target.closest?.("summary[accesskey]");
  const byKey = summary && !event.detail && performance.now() - reached < 100; // focus and click come at once
  if (byKey && summary.parentElement.open) event.preventDefault();
});

// --- what was done is said to who does not see it: a region that stays is read when its words change ---------------------

function tellWhatWasDone(root) {
  const told = document.getElementById("told");
  const done = root.querySelector?.(".done[role=status]:not([autofocus])"); // with the focus it is read anyway
  if (told && done) setTimeout(() => { told.textContent = (done.querySelector("strong") ?? done).textContent; }, 200);
}

// --- what is wider than its place is pushed sideways by keys too ---------------------------------------------------------

function reach(root) {
  for (const box of root.querySelectorAll(".scroll")) {
    if (box.scrollWidth > box.clientWidth && !box.querySelector("a, button, input, select, textarea, summary")) box.tabIndex = 0;
  }
}
addEventListener("resize", () => reach(document));

// --- begin -----------------------------------------------------------------------------------------------------------

function begin(root) {
  keepPage(root);
  follow();
  // A section that the address names is opened; so is an action reached by its access key.
  const named = location.hash && document.getElementById(location.hash.slice(1));
  if (named instanceof HTMLDetailsElement) named.open = true;
  root.querySelector("[role=alert][autofocus]")?.focus();
  const told = document.querySelector("main :is(.done, .refused)");
  if (told && document.activeElement === document.body && !document.querySelector("[autofocus]")) {
    told.tabIndex = -1; // what became of it is where one goes on from
    told.focus();
  }
  tellWhatWasDone(root);
  reach(root);
}
begin(document);
document.addEventListener("htmx:load", (event) => begin(event.detail.elt));
