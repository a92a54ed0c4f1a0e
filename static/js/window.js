// The capture window falls shut on an open page too: what could be sent can no longer be.
const shown = document.querySelector("#window[data-turns]");
const LONGEST = 2 ** 31 - 1; // of a timer, in ms

function wait() {
  const left = new Date(shown.dataset.turns) - Date.now();
  if (left > 0) {
    setTimeout(wait, Math.min(left, LONGEST));
    return;
  }
  shown.textContent = shown.dataset.over;
  shown.className = "due late mb-0";
  for (const button of document.querySelectorAll("[data-needs-window]")) button.disabled = true;
}

if (shown) wait();
