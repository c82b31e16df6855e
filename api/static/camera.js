"use strict";
// A document camera at the desk: each picture goes into the file field of its line, as if it had been chosen there.
// Nothing of this is there without a camera interface; files are chosen then.
{
  const part = (name) => document.getElementById(`camera-${name}`);
  const usable = Boolean(navigator.mediaDevices?.getUserMedia);
  let field = null; // id of the file field that takes the pictures
  let line = "";
  let taken = 0;

  function offer() {
    if (!usable || !window.htmx) return; // without it a chosen file is not sent by itself
    for (const button of document.querySelectorAll(".photograph[hidden]")) button.hidden = false;
  }

  function stop() {
    const view = part("view");
    for (const track of view?.srcObject?.getTracks() ?? []) track.stop();
    if (!view) return;
    view.srcObject = null;
    delete view.dataset.shows;
  }

  async function start(device) {
    stop();
    const size = { width: { ideal: 3840 }, height: { ideal: 2880 } };
    const which = device ? { deviceId: { exact: device } } : { facingMode: "environment" };
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { ...size, ...which } });
      if (!document.getElementById("camera")?.open) return stream.getTracks().forEach((track) => track.stop());
      part("view").srcObject = stream;
      await part("view").play();
      part("view").dataset.shows = "yes";
      await list(stream.getVideoTracks()[0].getSettings().deviceId);
      part("none").hidden = true;
    } catch {
      part("none").hidden = false; // in words that say what to do
    }
  }

  async function list(current) {
    const devices = (await navigator.mediaDevices.enumerateDevices()).filter((one) => one.kind === "videoinput");
    part("which").replaceChildren(...devices.map((one) => new Option(one.label, one.deviceId, false, one.deviceId === current)));
    part("which").closest("p").hidden = devices.length < 2;
  }

  function take() {
    const view = part("view");
    if (!view.videoWidth) return;
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [view.videoWidth, view.videoHeight];
    canvas.getContext("2d").drawImage(view, 0, 0);
    canvas.toBlob((picture) => {
      taken += 1;
      const files = new DataTransfer();
      files.items.add(new File([picture], `${line}-${taken}.jpg`, { type: "image/jpeg" }));
      const into = document.getElementById(field);
      into.files = files.files;
      into.dispatchEvent(new Event("change", { bubbles: true }));
      part("taken").textContent = part("taken").dataset.words.replace("#", String(taken));
    }, "image/jpeg", 0.92);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.(".photograph, #camera-take, #camera-close");
    if (button?.id === "camera-take") take();
    else if (button?.id === "camera-close") document.getElementById("camera").close();
    else if (button) {
      ({ field, line } = button.dataset);
      taken = 0;
      part("taken").textContent = "";
      part("line").textContent = line;
      document.getElementById("camera").showModal();
      start("");
    }
  });
  document.addEventListener("change", (event) => { if (event.target.id === "camera-which") start(event.target.value); });
  document.addEventListener("close", (event) => { if (event.target.id === "camera") stop(); }, true);
  window.addEventListener("pagehide", stop);
  document.addEventListener("htmx:load", offer);
  offer();
}
