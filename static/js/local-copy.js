// What was typed and is not saved yet, on this computer only: one copy a person, draft and page. It is on the disk as
// soon as it is written: browsers put localStorage there up to a minute later, and a power cut does not wait.
const STORE = "typed";

const answered = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

async function open() {
  const asked = indexedDB.open("habitat", 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore(STORE);
  return answered(asked);
}

const opened = open();
opened.catch(() => null); // whoever uses it hears of it

// A full or forbidden store must never keep anybody from typing.
async function quietly(mode, act) {
  try {
    const change = (await opened).transaction(STORE, mode, { durability: "strict" });
    const done = new Promise((resolve, reject) => {
      change.oncomplete = resolve;
      change.onabort = reject;
    });
    const request = act(change.objectStore(STORE));
    change.commit(); // now, should the page be left in the same moment
    await done;
    return request?.result;
  } catch {
    return undefined;
  }
}

export function localCopy(page) {
  let next = null; // what is to be written
  let busy = false;

  async function write(answers) {
    next = { at: Date.now(), answers };
    if (busy) return;
    busy = true;
    while (next) {
      const now = next;
      next = null;
      await quietly("readwrite", (store) => store.put(now, page));
    }
    busy = false;
  }

  function drop() {
    next = null;
    return quietly("readwrite", (store) => store.delete(page));
  }

  return { read: () => quietly("readonly", (store) => store.get(page)), write, drop };
}

// Copies of all but `person`; without a person, of everybody. A page's name begins with its person's number and a colon.
export const forgetOthers = (person) =>
  quietly("readwrite", (store) => {
    if (!person) return store.clear();
    store.delete(IDBKeyRange.upperBound(`${person}:`, true));
    return store.delete(IDBKeyRange.lowerBound(`${person};`));
  });
