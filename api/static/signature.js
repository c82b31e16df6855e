"use strict";
// The page works without this: the certificate is printed, signed and scanned. With it, the recipient signs on the field
// with a pen, a finger or the mouse, and the picture is sent as a file.
{
  const WIDTH = 4;
  let drawn = false;

  function pad() {
    const form = document.getElementById("pad");
    if (!form || form.dataset.ready) return;
    form.dataset.ready = "yes";
    form.hidden = false;
    const canvas = form.querySelector("canvas");
    clear(canvas);
    canvas.addEventListener("pointerdown", (event) => begin(canvas, event));
    canvas.addEventListener("pointermove", (event) => go(canvas, event));
    form.querySelector("#pad-clear").addEventListener("click", () => clear(canvas));
    form.addEventListener("submit", (event) => send(form, canvas, event), true);
    document.getElementById("pad-keep").focus({ preventScroll: true });
  }

  function clear(canvas) {
    const brush = canvas.getContext("2d");
    brush.fillStyle = "#fff";
    brush.fillRect(0, 0, canvas.width, canvas.height);
    brush.strokeStyle = "#000";
    brush.lineWidth = WIDTH * 1.6;
    brush.lineCap = brush.lineJoin = "round";
    drawn = false;
  }

  function place(canvas, event) {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) * canvas.width) / box.width, ((event.clientY - box.top) * canvas.height) / box.height];
  }

  function begin(canvas, event) {
    if (event.button) return;
    canvas.setPointerCapture(event.pointerId);
    const brush = canvas.getContext("2d");
    brush.beginPath();
    brush.moveTo(...place(canvas, event));
    event.preventDefault();
  }

  function go(canvas, event) {
    if (!canvas.hasPointerCapture(event.pointerId)) return;
    const brush = canvas.getContext("2d");
    const steps = event.getCoalescedEvents?.() ?? [];
    for (const step of steps.length ? steps : [event]) brush.lineTo(...place(canvas, step));
    brush.stroke();
    drawn = true;
  }

  // The picture has to be in the form before it is sent, and it is not made at once: the form is sent a second time.
  function send(form, canvas, event) {
    const field = form.querySelector("input[type=file]");
    if (field.files.length) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const told = document.getElementById("pad-empty");
    told.textContent = drawn ? "" : form.dataset.empty;
    if (!drawn) return;
    canvas.toBlob((picture) => {
      const files = new DataTransfer();
      files.items.add(new File([picture], "signature.png", { type: "image/png" }));
      field.files = files.files;
      form.requestSubmit();
    }, "image/png");
  }

  pad();
  document.addEventListener("htmx:load", pad);
}
