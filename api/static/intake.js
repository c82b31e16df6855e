"use strict";
// Intake by keyboard: arrows choose among items, Enter goes on to the next field, what a card says fills empty fields.
// Everything here is also done without it, by the buttons of the pages.

(() => {
  if (window.intakeReady) return; // a page that came in the background brings this file along again
  window.intakeReady = true;

  const choices = () => [...document.querySelectorAll("#found a")];

  // --- finding an item -----------------------------------------------------------------------------------------------

  function moveChoice(event, step) {
    const links = choices();
    const at = links.indexOf(document.activeElement);
    const next = at + step;
    if (!links.length || next >= links.length) return;
    event.preventDefault();
    (next < 0 ? document.getElementById("text") : links[next]).focus();
  }

  function openFirst(event, search) {
    const shown = document.getElementById("found")?.dataset.text;
    const [first] = choices();
    // What a scanner typed may be ahead of the list; then the server looks, and opens the only item that fits.
    if (!first || shown !== search.value.trim().slice(0, 100)) return;
    event.preventDefault();
    first.click();
  }

  // --- from field to field -------------------------------------------------------------------------------------------

  function fields(form) {
    const wanted = "input:not([type=hidden]), select, textarea, button[type=submit]";
    const seen = [...form.querySelectorAll(wanted)].filter((one) => !one.disabled && one.offsetParent);
    return seen.filter((one) => one.type !== "radio" || one.checked || !chosen(form, one.name));
  }
  const chosen = (form, name) => form.querySelector(`input[name="${CSS.escape(name)}"]:checked`);

  function goOn(from) {
    const all = fields(from.form);
    all[all.indexOf(from) + 1]?.focus();
  }

  function nextEmpty(from) {
    const all = fields(from.form);
    const rest = all.slice(all.indexOf(from) + 1);
    (rest.find((one) => one.matches("[type=text], [type=tel]") && !one.value) ?? rest[0])?.focus();
  }

  document.addEventListener("keydown", (event) => {
    const at = event.target;
    if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    if (at.id === "text" || at.closest?.("#found")) {
      if (event.key === "ArrowDown") moveChoice(event, 1);
      else if (event.key === "ArrowUp") moveChoice(event, -1);
      else if (event.key === "Enter" && at.id === "text") openFirst(event, at);
      return;
    }
    if (event.key !== "Enter" || !at.form?.matches("#intake, .pad") || !at.matches("input, select")) return;
    event.preventDefault(); // a card reader ends with Enter: it goes on, and opens nothing
    if (at.id === "id_number") nextEmpty(at);
    else if (!astray(at)) goOn(at);
  });

  // --- a card that was read while the focus was elsewhere ----------------------------------------------------------------

  const TEXT = "input:not([type=checkbox], [type=radio]), select, textarea";
  const PAUSE = 1000; // milliseconds that end what is taken for one line; what it says decides, not how quick it came
  const CARD = /^[^|,;#^~]*([|,;#^~][^|,;#^~]*){4,}$|^\d{17}[\dX]$|^[0-9A-Z]{18}$/i;
  const run = { at: null, before: "", text: "", last: 0 };

  function collect(at, text, now) {
    if (run.at !== at || now - run.last > PAUSE) Object.assign(run, { at, before: at.value ?? "", text: "" });
    run.text += text;
    run.last = now;
  }

  // What a reader typed into another field, or into none, goes into that of the number.
  function astray(focused) {
    const at = focused.matches(TEXT) ? focused : document.body;
    const number = document.getElementById("id_number");
    const card = run.at === at && CARD.test(run.text) && (!number.value || /[|,;#^~]/.test(run.text));
    if (card) {
      if (at !== document.body) at.value = run.before;
      number.value = run.text;
      number.dispatchEvent(new Event("input", { bubbles: true }));
      number.dispatchEvent(new Event("change", { bubbles: true }));
      nextEmpty(number);
    }
    Object.assign(run, { at: null, text: "" });
    return card;
  }

  document.addEventListener("focusin", () => Object.assign(run, { at: null }));
  document.addEventListener("beforeinput", (event) => {
    if (event.target.form?.id === "intake" && event.target.id !== "id_number" && event.data) collect(event.target, event.data, event.timeStamp);
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.target.matches?.(TEXT)) return;
    if (event.key.length === 1 && document.getElementById("text")) {
      if (event.key !== " ") document.getElementById("text").focus(); // what is typed while a list is looked at goes on searching
    } else if (event.key.length === 1 && document.getElementById("id_number")) {
      collect(document.body, event.key, event.timeStamp);
    } else if (event.key === "Enter" && document.getElementById("id_number") && astray(document.body)) {
      event.preventDefault();
    }
  });

  // --- what a number or a card says ----------------------------------------------------------------------------------

  const settled = new Set(["id_number", "kind", "id_kind"]);

  function fill(name, value) {
    const form = document.getElementById("intake");
    const fields = [...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)];
    if (fields[0]?.type === "radio") for (const one of fields) one.checked = one.value === value;
    else if (fields[0] && (settled.has(name) || !fields[0].value)) fields[0].value = value;
    return fields[0];
  }

  document.addEventListener("htmx:afterSwap", (event) => {
    const found = document.getElementById("party-found");
    if (event.detail.requestConfig?.path !== "/cases/new/party" || !found) return;
    const filled = [...found.querySelectorAll("data")].map((one) => fill(one.dataset.field, one.value));
    const number = document.getElementById("id_number");
    number.toggleAttribute("aria-invalid", Boolean(found.querySelector(".verdict#id_number-verdict")));
    const at = document.activeElement;
    if (number.hasAttribute("aria-invalid") && at.form === number.form && at.matches("input, select") && !at.value) {
      number.focus(); // back to what is wrong
      number.select();
    } else if (filled.includes(at) && at !== number) nextEmpty(at);
  });

  // The verdict on a number moves what is below it: a button that was pressed counts though it is no longer there.
  let pressed = null;
  document.addEventListener("pointerdown", (event) => {
    const button = event.target.closest?.("#intake button");
    pressed = button && event.button === 0 ? { button, x: event.clientX, y: event.clientY } : null;
  });
  document.addEventListener("pointerup", (event) => {
    const was = pressed;
    pressed = null;
    if (!was || was.button.contains(event.target)) return;
    if (Math.hypot(event.clientX - was.x, event.clientY - was.y) < 5) was.button.click();
  });

  // A paper that has just been made gets the focus, unless somebody is busy elsewhere.
  document.addEventListener("htmx:afterSettle", () => {
    const first = document.querySelector("[data-first]");
    if (first && (document.activeElement === document.body || document.activeElement?.id === "content")) first.focus();
  });
})();
