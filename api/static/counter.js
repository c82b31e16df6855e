"use strict";
// Counting by scanner; without this everything is typed into the fields. A scanner types a number and Enter: the lines of
// that case are ticked off and counted, and what is not on the list is said aloud.
{
  function numberIn(text) {
    return text.trim().replace(/\/+$/, "").split("/").pop().toUpperCase();
  }

  function rows(area) {
    return [...document.querySelectorAll(`#${area.dataset.scan} tr[data-case]`)];
  }

  function tell(area, words) {
    area.querySelector(".scan-told").textContent = words;
  }

  function count(area) {
    const all = rows(area);
    const found = all.filter((row) => row.classList.contains("scanned"));
    const sum = (list) => list.reduce((total, row) => total + Number(row.dataset.pieces), 0);
    area.querySelector(".scan-cases").textContent = `${found.length} / ${all.length}`;
    area.querySelector(".scan-pieces").textContent = `${sum(found)} / ${sum(all)}`;
  }

  function scan(area, field) {
    const number = numberIn(field.value);
    const mine = rows(area).filter((row) => row.dataset.case === number || row.dataset.code === number);
    const fresh = mine.filter((row) => !row.classList.contains("scanned"));
    const words = !mine.length ? area.dataset.unknown : fresh.length ? area.dataset.found : area.dataset.twice;
    for (const row of fresh) row.classList.add("scanned");
    tell(area, `${words} ${number}`);
    area.classList.toggle("wrong", !mine.length);
    field.value = "";
    count(area);
    if (rows(area).every((row) => row.classList.contains("scanned"))) document.getElementById("pieces")?.focus();
  }

  function startCounting() {
    for (const area of document.querySelectorAll("[data-scan]:not([data-ready])")) {
      area.dataset.ready = "yes";
      area.hidden = false;
      const field = area.querySelector("input");
      field.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" || event.isComposing) return;
        event.preventDefault();
        if (field.value.trim()) scan(area, field);
      });
      count(area);
      field.focus();
    }
  }

  // How many lines a batch to be packed has, as large as the count on the seal.
  function countLines() {
    const told = document.getElementById("cases-count");
    const field = document.getElementById("cases");
    if (!told || !field) return;
    const lines = field.value.split("\n").map((line) => numberIn(line.trim().split(/\s+/)[0] ?? "")).filter(Boolean);
    const twice = lines.filter((line, n) => lines.indexOf(line) < n);
    told.querySelector("strong").textContent = String(new Set(lines).size);
    told.querySelector(".scan-told").textContent = twice.length ? `${told.dataset.twice} ${twice[0]}` : "";
    told.hidden = false;
  }

  document.addEventListener("input", (event) => { if (event.target.id === "cases") countLines(); });
  // A code that opened nothing stands there marked, so that the next scan takes its place.
  function markCode() {
    if (document.activeElement?.matches(".counter-find input")) document.activeElement.select();
  }

  function begins() { startCounting(); countLines(); markCode(); }
  begins();
  document.addEventListener("htmx:load", begins);
}
