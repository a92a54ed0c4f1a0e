// A paper goes up in pieces. Without this script the form sends the file whole.
import { Refusal, megabytes, sendInPieces, wordsOfUploads } from "./pieces.js";

const form = document.querySelector("form[data-uploads]");

function start() {
  const words = wordsOfUploads();
  const box = document.getElementById("upload-state");
  const bar = box.querySelector("progress");
  const said = box.querySelector("[data-said]");
  let stop = null;

  function show(file, offset, { bytes, ms }) {
    bar.max = file.size;
    bar.value = offset;
    const left = bytes ? Math.ceil(((file.size - offset) / bytes) * (ms / 1000)) : null;
    const time = left === null ? "" : left < 90 ? words.seconds.replace("{n}", left) : words.minutes.replace("{n}", Math.round(left / 60));
    const sent = words.sent.replace("{sent}", megabytes(offset)).replace("{whole}", megabytes(file.size));
    said.textContent = `${sent} ${time}`;
  }

  form.addEventListener("submit", async (event) => {
    const file = form.elements.file.files[0];
    if (!file || !file.size) return; // the server says so
    event.preventDefault();
    if (stop) return;
    stop = new AbortController();
    box.hidden = false;
    box.dataset.state = "sending";
    try {
      await sendInPieces(file, {
        address: form.dataset.uploads,
        fields: { kind: form.elements.kind.value },
        token: form.elements.csrfmiddlewaretoken.value,
        words,
        signal: stop.signal,
        say: (sentence) => (said.textContent = sentence),
        show: (offset, pace) => show(file, offset, pace),
      });
      window.location.assign(form.dataset.after);
    } catch (error) {
      box.dataset.state = "stopped";
      said.textContent = error instanceof Refusal ? error.message : words.stopped;
      said.focus();
    }
    stop = null;
  });
  box.querySelector("[data-stop]").addEventListener("click", () => stop?.abort());
}

if (form) start();
