// What was typed and is not saved yet, on this computer only: one copy a person, draft and page.
const PREFIX = "habitat:typed:";

// A full or forbidden store must never keep anybody from typing.
const quietly = (act) => {
  try {
    return act();
  } catch {
    return null;
  }
};

export const localCopy = (page) => ({
  read: () => quietly(() => JSON.parse(localStorage.getItem(PREFIX + page))),
  write: (answers) => quietly(() => localStorage.setItem(PREFIX + page, JSON.stringify({ at: Date.now(), answers }))),
  drop: () => quietly(() => localStorage.removeItem(PREFIX + page)),
});

// Copies of all but `person`; without a person, of everybody.
export function forgetOthers(person) {
  quietly(() => {
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith(PREFIX) && !(person && key.startsWith(`${PREFIX}${person}:`))) localStorage.removeItem(key);
    }
  });
}
