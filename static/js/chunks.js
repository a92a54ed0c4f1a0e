// A paper goes up in pieces. Without this script the form sends the file whole.
import { Refusal, megabytes, sendInPieces, wordsOfUploads } from "./pieces.js";

const form = document.querySelector("form[data-uploads]");

function start() {
  const words = wordsOfUploads();
  const box = document.getElementById("upload-state");
  const bar = box.querySelector("progress");
  const said = box.querySelector("[data-said]");
  const button = box.querySelector("[data-stop]");
  let stop = null;

  function inWords(seconds) {
    if (!seconds) return "";
    if (seconds === 1) return words.second;
    return seconds < 90 ? words.seconds.replace("{n}", seconds) : words.minutes.replace("{n}", Math.round(seconds / 60));
  }

  function show(file, offset, { bytes, ms }) {
    bar.max = file.size;
    bar.value = offset;
    const left = bytes ? Math.ceil(((file.size - offset) / bytes) * (ms / 1000)) : 0;
    const sent = words.sent.replace("{sent}", megabytes(offset)).replace("{whole}", megabytes(file.size));
    said.textContent = `${sent} ${inWords(left)}`;
  }

  form.addEventListener("submit", async (event) => {
    const file = form.elements.file.files[0];
    if (!file || !file.size) return; // the server says so
    event.preventDefault();
    if (stop) return;
    stop = new AbortController();
    box.hidden = button.hidden = false;
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
      button.hidden = true;
      said.focus();
    }
    stop = null;
  });
  button.addEventListener("click", () => stop?.abort());
}

if (form) start();
