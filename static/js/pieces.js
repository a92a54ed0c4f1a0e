// One file to the portal in pieces: each is sent until it has arrived, so a line that breaks costs one piece. A file
// chosen again, also elsewhere, goes on where it stopped.
const LEAST = 32 * 1024; // 1 s at 256 kbit/s
const MOST = 1024 * 1024;
const QUICK = 1500; // ms a piece: below it the next one is larger
const SLOW = 5000;
const WAITS = [1000, 2000, 5000, 10000]; // ms between tries; the last goes on

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export class Refusal extends Error {}

// `address` begins an upload; `fields` say what it is; `say` takes sentences, `show` (offset, { bytes, ms }) how far it is.
export async function sendInPieces(file, { address, fields, token, words, signal, say, show }) {
  const ask = (url, options) =>
    fetch(url, { ...options, redirect: "manual", headers: { ...options.headers, "X-CSRFToken": token }, signal });

  // Tries until there is an answer that a further try would not change.
  async function insist(act) {
    for (let tries = 0; ; tries += 1) {
      try {
        const answer = await act(tries);
        if (answer.type === "opaqueredirect" || answer.status === 401) throw new Refusal(words.session);
        if (answer.status < 500) return answer;
        say(words.server);
      } catch (error) {
        if (error instanceof Refusal || signal.aborted) throw error;
        say(words.network);
      }
      await pause(WAITS[Math.min(tries, WAITS.length - 1)]);
      if (signal.aborted) throw new DOMException("stopped", "AbortError");
    }
  }

  const refuse = async (answer) => {
    const reply = await answer.json().catch(() => ({}));
    throw new Refusal(reply.words ?? words.refused);
  };

  async function pieces(url, from) {
    const pace = { size: 2 * LEAST, bytes: 0, ms: 0 };
    let offset = from;
    while (offset < file.size) {
      show(offset, pace);
      const body = file.slice(offset, offset + pace.size);
      const began = performance.now();
      const headers = { "Upload-Offset": offset, "Content-Type": "application/octet-stream" };
      const answer = await insist(() => ask(url, { method: "PATCH", body, headers }));
      const told = Number(answer.headers.get("Upload-Offset"));
      if (answer.status === 409) {
        const stands = await insist(() => ask(url, { method: "HEAD" }));
        if (!stands.ok) await refuse(stands);
        offset = Number(stands.headers.get("Upload-Offset"));
      } else if (!answer.ok) await refuse(answer);
      else {
        const took = performance.now() - began;
        pace.bytes += told - offset;
        pace.ms += took;
        if (took < QUICK) pace.size = Math.min(pace.size * 2, MOST);
        if (took > SLOW) pace.size = Math.max(pace.size / 2, LEAST);
        offset = told;
      }
    }
    show(offset, pace);
  }

  const told = { ...fields, name: file.name, size: file.size, sha256: await digest(file) };
  const begun = await insist(() => ask(address, { method: "POST", body: new URLSearchParams(told) }));
  if (!begun.ok) return refuse(begun);
  const { url, received } = await begun.json();
  if (!url) {
    show(file.size, { bytes: 0, ms: 0 }); // it had arrived before
    return null;
  }
  await pieces(url, received);
  const ended = await insist((tries) => ask(url, { method: "POST" }).then((answer) => Object.assign(answer, { tries })));
  // The first try had arrived, its answer had not.
  if (ended.status === 404 && ended.tries) return null;
  return ended.ok ? null : refuse(ended);
}

// Empty where the browser has no digest (pages without https).
async function digest(file) {
  if (!globalThis.crypto?.subtle) return "";
  const hash = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export const megabytes = (bytes) =>
  new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 }).format(bytes / 1024 / 1024);

export const wordsOfUploads = () => JSON.parse(document.getElementById("upload-words").textContent);
