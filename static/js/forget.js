// On a shared computer nobody finds what another person had typed: it goes when somebody else is logged in, and when
// one logs out oneself. A session that merely ended keeps it for whoever typed it.
import { forgetOthers } from "./local-copy.js";

const person = document.body.dataset.person;
if (person) forgetOthers(person);
document.addEventListener("submit", (event) => {
  if (/\/logout\/$/.test(new URL(event.target.action).pathname)) forgetOthers();
});
