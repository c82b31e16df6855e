"use strict";
// The page of a case works without this. With it, files are sent as soon as they are chosen or dropped on their line,
// one after another, each with its progress.
{
  const waiting = []; // what is still to be sent: { form id, line, file, key, item }
  let sending = null;
  let made = 0;

  // --- files ---------------------------------------------------------------------------------------------------------

  const table = () => document.querySelector("table.materials");

  function prepare() {
    if (!window.htmx) return; // without it the answer could not be put in place
    document.getElementById("materials")?.classList.add("can-drop");
    for (const form of document.querySelectorAll("form.upload:not(.auto)")) {
      form.classList.add("auto");
      const field = form.querySelector("[type=file]");
      field.multiple = !form.elements.replaces && !field.hasAttribute("capture");
    }
  }

  function enqueue(form, files) {
    const list = document.getElementById(`sending-${form.dataset.line}`);
    for (const file of files) {
      const item = document.createElement("li");
      item.append(`${table().dataset.sending} ${file.name} `, document.createElement("progress"));
      item.querySelector("progress").setAttribute("aria-label", file.name);
      list.append(item);
      const fields = [...new FormData(form)].filter(([name]) => name !== "file" && name !== "csrf_token");
      made += 1;
      waiting.push({ form: form.id, line: form.dataset.line, url: form.action, fields, file, item, nth: made });
    }
    form.querySelector("[type=file]").value = "";
    typed.delete(form);
    next();
  }

  function next() {
    if (sending || !waiting.length) return;
    sending = waiting.shift();
    const body = new FormData();
    body.append("csrf_token", document.querySelector("input[name=csrf_token]").value);
    for (const [name, value] of sending.fields) body.append(name, name === "key" ? `${value}-${sending.nth}` : value);
    body.append("file", sending.file);
    const request = new XMLHttpRequest();
    const bar = sending.item.querySelector("progress");
    request.upload.onprogress = (event) => { if (event.lengthComputable) { bar.max = event.total; bar.value = event.loaded; } };
    request.onload = () => answered(request);
    request.onerror = unsent;
    request.open("POST", sending.url);
    request.setRequestHeader("HX-Request", "true");
    request.send(body);
  }

  function answered(request) {
    if (request.status === 401) {
      signInAgain(document.getElementById(sending.form) ?? document.body);
      unsent();
    } else if (request.status >= 500 || !request.responseText.includes(`id="scans-${sending.line}"`)) {
      unsent();
    } else {
      const { line, item } = sending;
      sending = null;
      item.remove();
      htmx.swap(`#scans-${line}`, request.responseText, { swapStyle: "outerHTML" });
      next();
    }
  }

  // Nothing is lost: the file stays in its line, with a button that sends it again.
  function unsent() {
    const failed = sending;
    sending = null;
    const again = document.createElement("button");
    again.type = "button";
    again.textContent = table().dataset.again;
    failed.item.replaceChildren(`${table().dataset.unsent} ${failed.file.name} `, again);
    again.addEventListener("click", () => {
      const bar = document.createElement("progress");
      bar.setAttribute("aria-label", failed.file.name);
      failed.item.replaceChildren(`${table().dataset.sending} ${failed.file.name} `, bar);
      waiting.push(failed);
      next();
    });
    next();
  }

  document.addEventListener("change", (event) => {
    const form = event.target.closest?.("form.upload.auto");
    if (form && event.target.type === "file" && event.target.files.length) enqueue(form, event.target.files);
  });
  // After signing in again the form is sent by itself: then go on with what has not gone yet.
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form.upload.auto")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    for (const again of document.querySelectorAll(".sending button")) again.click();
  }, true);
  window.addEventListener("beforeunload", (event) => {
    if (sending || waiting.length || document.querySelector(".sending button")) event.preventDefault();
  });

  // --- files dropped anywhere on a line --------------------------------------------------------------------------------

  const rowOf = (event) => event.dataTransfer?.types.includes("Files") && event.target.closest?.("tr[data-drop]");
  const leave = () => document.querySelector("tr.over")?.classList.remove("over");

  document.addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault(); // beside a line too: the browser would leave the page to show the file
    const row = rowOf(event);
    if (!row) event.dataTransfer.dropEffect = "none";
    if (row?.classList.contains("over")) return;
    leave();
    row?.classList.add("over");
  });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) leave(); });
  document.addEventListener("drop", (event) => {
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    leave();
    const form = document.getElementById(`upload-${rowOf(event)?.dataset.drop}-form`);
    if (form) enqueue(form, event.dataTransfer.files);
  });

  // --- what the scans show is proposed in the forms that count, where nobody has typed -----------------------------------

  function propose(scans) {
    const line = scans.id.slice("scans-".length);
    if (!Number(scans.dataset.pages)) return;
    const expected = { originals: scans.dataset.askedOriginals, copies: scans.dataset.askedCopies, pages: scans.dataset.pages };
    for (const [part, value] of Object.entries(expected)) {
      for (const field of document.querySelectorAll(`#actions [name="materials.${line}.${part}"]`))
        if (field.value === field.defaultValue) field.value = field.defaultValue = value;
    }
  }

  document.addEventListener("htmx:load", (event) => {
    prepare();
    if (event.detail.elt.matches?.(".scans")) propose(event.detail.elt);
  });
  prepare();
}
