// A paper goes up in pieces: each is sent until it has arrived, so a line that breaks costs one piece. A file chosen
// again, also elsewhere, goes on where it stopped. Without this script the form sends the file whole.
const LEAST = 32 * 1024; // 1 s at 256 kbit/s
const MOST = 1024 * 1024;
const QUICK = 1500; // ms a piece: below it the next one is larger
const SLOW = 5000;
const WAITS = [1000, 2000, 5000, 10000]; // ms between tries; the last goes on

const form = document.querySelector("form[data-uploads]");
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

class Refusal extends Error {}

function start() {
  const words = JSON.parse(document.getElementById("upload-words").textContent);
  const box = document.getElementById("upload-state");
  const bar = box.querySelector("progress");
  const said = box.querySelector("[data-said]");
  let stop = null;

  const ask = (url, options) =>
    fetch(url, {
      ...options,
      redirect: "manual",
      headers: { ...options.headers, "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
      signal: stop.signal,
    });

  // Tries until there is an answer that a further try would not change.
  async function insist(act) {
    for (let tries = 0; ; tries += 1) {
      try {
        const answer = await act(tries);
        if (answer.type === "opaqueredirect" || answer.status === 401) throw new Refusal(words.session);
        if (answer.status < 500) return answer;
        said.textContent = words.server;
      } catch (error) {
        if (error instanceof Refusal || stop.signal.aborted) throw error;
        said.textContent = words.network;
      }
      await pause(WAITS[Math.min(tries, WAITS.length - 1)]);
      if (stop.signal.aborted) throw new DOMException("stopped", "AbortError");
    }
  }

  const refuse = async (answer) => {
    const reply = await answer.json().catch(() => ({}));
    throw new Refusal(reply.words ?? words.refused);
  };

  async function send(file) {
    const fields = { kind: form.elements.kind.value, name: file.name, size: file.size, sha256: await digest(file) };
    const begun = await insist(() => ask(form.dataset.uploads, { method: "POST", body: new URLSearchParams(fields) }));
    if (!begun.ok) return refuse(begun);
    const { url, received } = await begun.json();
    stop.url = url;
    await pieces(file, url, received);
    const ended = await insist((tries) => ask(url, { method: "POST" }).then((answer) => Object.assign(answer, { tries })));
    // The first try had arrived, its answer had not.
    if (ended.status === 404 && ended.tries) return null;
    return ended.ok ? null : refuse(ended);
  }

  async function pieces(file, url, from) {
    const pace = { size: 2 * LEAST, bytes: 0, ms: 0 };
    let offset = from;
    while (offset < file.size) {
      show(file, offset, pace);
      const body = file.slice(offset, offset + pace.size);
      const began = performance.now();
      const headers = { "Upload-Offset": offset, "Content-Type": "application/octet-stream" };
      const answer = await insist(() => ask(url, { method: "PATCH", body, headers }));
      const told = Number(answer.headers.get("Upload-Offset"));
      if (answer.status === 409) offset = Number((await ask(url, { method: "HEAD" })).headers.get("Upload-Offset"));
      else if (!answer.ok) await refuse(answer);
      else {
        const took = performance.now() - began;
        pace.bytes += told - offset;
        pace.ms += took;
        if (took < QUICK) pace.size = Math.min(pace.size * 2, MOST);
        if (took > SLOW) pace.size = Math.max(pace.size / 2, LEAST);
        offset = told;
      }
    }
    show(file, offset, pace);
  }

  function show(file, offset, { bytes, ms }) {
    bar.max = file.size;
    bar.value = offset;
    const left = bytes ? Math.ceil(((file.size - offset) / bytes) * (ms / 1000)) : null;
    const time = left === null ? "" : left < 90 ? words.seconds.replace("{n}", left) : words.minutes.replace("{n}", Math.round(left / 60));
    said.textContent = `${words.sent.replace("{sent}", size(offset)).replace("{whole}", size(file.size))} ${time}`;
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
      await send(file);
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

const size = (bytes) =>
  new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 }).format(bytes / 1024 / 1024);

// Empty where the browser has no digest (pages without https).
async function digest(file) {
  if (!globalThis.crypto?.subtle) return "";
  const hash = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

if (form) start();
