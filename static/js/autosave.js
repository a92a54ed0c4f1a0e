// A page of the proposal saves itself while one types: at most `LONGEST` ms after the first unsaved letter. What the
// server did not take stays on this computer, says why, and is sent again. The button works without this script.
import { localCopy } from "./local-copy.js";

const PAUSE = 1500; // after the last letter
const LONGEST = 4000; // after the first unsaved one
const AGAIN = 5000; // after a failure
const PATIENCE = 20000; // for an answer
const OURS = /^(csrfmiddlewaretoken|seen|whose|discard|keep-.*)$/;

const form = document.querySelector("form[data-autosave]");
function start() {
  const words = JSON.parse(document.getElementById("autosave-words").textContent);
  const state = document.getElementById("save-state");
  const copy = localCopy(form.dataset.autosave);
  let since = 0; // when the first unsaved letter was typed
  let timer = null;
  let version = 0; // of what is typed
  let busy = false;
  let isLeaving = false;

  const say = (kind, text, link) => {
    state.dataset.state = kind;
    state.textContent = text;
    if (link) {
      const anchor = document.createElement("a");
      anchor.href = link;
      anchor.textContent = words.login;
      state.append(" ", anchor);
    }
  };

  const schedule = (delay) => {
    clearTimeout(timer);
    timer = setTimeout(save, delay);
  };

  function typed(event) {
    if (!event.target.name || OURS.test(event.target.name) || event.target.type === "file") return;
    version += 1;
    since ||= Date.now();
    copy.write(answers());
    schedule(Math.max(0, Math.min(PAUSE, since + LONGEST - Date.now())));
  }

  async function save() {
    if (busy || isLeaving) return;
    busy = true;
    const sent = version;
    say("typing", words.typing);
    try {
      await told(await post(), sent);
    } catch {
      failed("network");
    }
    busy = false;
    if (version !== sent && state.dataset.state !== "refused") schedule(PAUSE);
  }

  const post = () => {
    const body = new FormData(form);
    for (const [name, value] of [...body]) if (value instanceof File) body.delete(name);
    return fetch(window.location.pathname, {
      method: "POST",
      body: new URLSearchParams(body),
      headers: { "X-Autosave": "1" },
      redirect: "manual",
      signal: AbortSignal.timeout(PATIENCE),
    });
  };

  async function told(answer, sent) {
    if (answer.status === 401 || answer.type === "opaqueredirect") return failed("session");
    if (answer.status === 403) return renewed();
    if (answer.status === 404) return failed("refused");
    if (!answer.ok) return failed("server");
    const reply = await answer.json();
    delete form.elements.csrfmiddlewaretoken.dataset.renewed;
    if (reply.seen) form.elements.seen.value = JSON.stringify(reply.seen);
    if (reply.rules) document.getElementById("verdicts").innerHTML = reply.rules;
    if (version === sent) {
      since = 0;
      copy.drop();
    }
    return say(reply.state, reply.words);
  }

  function failed(cause) {
    const back = `/accounts/login/?next=${encodeURIComponent(window.location.pathname)}`;
    say(cause, words[cause], cause === "session" ? back : "");
    if (cause !== "refused") schedule(AGAIN);
  }

  // 403 has three reasons: nobody is logged in and the token went with the cookies, somebody logged in again elsewhere
  // and the form needs that session's token, or the page is no longer this person's.
  async function renewed() {
    const answer = await fetch(window.location.pathname, { redirect: "manual" });
    if (answer.type === "opaqueredirect") return failed("session");
    const page = new DOMParser().parseFromString(answer.ok ? await answer.text() : "", "text/html");
    const token = page.querySelector("#answers [name=csrfmiddlewaretoken]")?.value;
    const own = form.elements.csrfmiddlewaretoken;
    if (!token || own.dataset.renewed) return failed("refused");
    own.value = token;
    own.dataset.renewed = "1";
    return schedule(0);
  }

  form.addEventListener("input", typed);
  form.addEventListener("change", typed);
  form.addEventListener("submit", () => {
    isLeaving = true;
    clearTimeout(timer);
  });
  window.addEventListener("online", () => since && schedule(0));
  window.addEventListener("pageshow", () => (isLeaving = false));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && since) save();
  });
  offer(copy, typed);
}

// Control name → values, as they would be sent.
function answers() {
  const found = {};
  for (const [name, value] of new FormData(form)) {
    if (!OURS.test(name) && typeof value === "string") (found[name] ??= []).push(value);
  }
  return found;
}

const same = (one, other) => (one ?? []).join("\n").trim() === (other ?? []).join("\n").trim();

// What this computer kept and the page does not show, with both values; the person decides.
async function offer(copy, typed) {
  const kept = await copy.read();
  if (!kept) return;
  const now = answers();
  const differ = Object.keys(kept.answers).filter((name) => form.elements[name] && !same(kept.answers[name], now[name]));
  if (!differ.length) return copy.drop();
  const part = document.getElementById("offer-back").content.cloneNode(true);
  part.querySelector("[data-at]").textContent = new Date(kept.at).toLocaleString(document.documentElement.lang);
  for (const name of differ) {
    const row = part.querySelector("tbody").insertRow();
    const cells = [label(name), shown(name, now[name]), shown(name, kept.answers[name])];
    for (const text of cells) row.insertCell().textContent = text || "—";
  }
  part.querySelector("[data-offer=use]").addEventListener("click", () => {
    for (const name of differ) fill(name, kept.answers[name]);
    typed({ target: [...form.elements].find((control) => control.name === differ[0]) });
    document.getElementById("offer").remove();
    form.querySelector("button.btn-primary").focus();
  });
  part.querySelector("[data-offer=drop]").addEventListener("click", () => {
    copy.drop();
    document.getElementById("offer").remove();
  });
  form.before(part);
}

const controls = (name) => [...form.elements].filter((control) => control.name === name);

function label(name) {
  const first = controls(name)[0];
  const legend = first.closest("fieldset")?.querySelector("legend");
  return (legend ?? first.labels?.[0])?.firstChild?.textContent.trim() ?? name;
}

// As the page says it: the words of a choice, not its key.
function shown(name, values) {
  return (values ?? [])
    .map((value) => {
      const control = controls(name).find((one) => one.tagName === "SELECT" || one.value === value) ?? controls(name)[0];
      const option = [...(control.options ?? [])].find((one) => one.value === value);
      if (option) return option.text;
      return ["radio", "checkbox"].includes(control.type) ? control.labels[0].textContent.trim() : value;
    })
    .join(", ");
}

function fill(name, values) {
  for (const control of controls(name)) {
    if (["radio", "checkbox"].includes(control.type)) control.checked = values.includes(control.value);
    else control.value = values[0];
  }
}

if (form) start();
