// Several photographs go up one after the other, each in pieces and with its own progress; one that is refused does not
// stop the others. Without this script the form sends them whole.
import { Refusal, megabytes, sendInPieces, wordsOfUploads } from "./pieces.js";

const form = document.querySelector("form[data-photos]");

function start() {
  const words = wordsOfUploads();
  const list = document.getElementById("photo-states");
  const button = form.querySelector("button");

  function line(file) {
    const item = document.createElement("li");
    const bar = document.createElement("progress");
    const said = document.createElement("span");
    bar.className = "upload-bar";
    bar.max = file.size;
    bar.value = 0;
    bar.setAttribute("aria-label", file.name);
    item.append(file.name, " ", bar, " ", said);
    list.append(item);
    return { bar, said };
  }

  async function send(file, { bar, said }) {
    try {
      await sendInPieces(file, {
        address: form.dataset.photos,
        fields: { photo_stage: form.elements.stage.value },
        token: form.elements.csrfmiddlewaretoken.value,
        words,
        signal: new AbortController().signal,
        say: (sentence) => (said.textContent = sentence),
        show: (offset) => {
          bar.value = offset;
          said.textContent = words.sent.replace("{sent}", megabytes(offset)).replace("{whole}", megabytes(file.size));
        },
      });
      return true;
    } catch (error) {
      said.textContent = error instanceof Refusal ? error.message : words.refused;
      return false;
    }
  }

  form.addEventListener("submit", async (event) => {
    const files = [...form.elements.file.files].filter((file) => file.size);
    if (!files.length) return; // the server says so
    event.preventDefault();
    button.disabled = true;
    list.hidden = false;
    list.replaceChildren();
    const lines = files.map(line);
    let arrived = true;
    // One at a time: on a thin line ten at once would all be slow.
    for (const [place, file] of files.entries()) arrived = (await send(file, lines[place])) && arrived;
    button.disabled = false;
    if (arrived) window.location.assign(form.dataset.after);
  });
}

if (form) start();
