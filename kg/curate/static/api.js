/** Calls to the server of this page. The token of the address goes into a header, so that no other page can call. */

const TOKEN = new URLSearchParams(location.search).get("token") ?? "";
const ASK_AGAIN = 1500; // milliseconds

/** An answer that refuses a call. */
export class Refused extends Error {
  /** @param {number} status @param {any} answer */
  constructor(status, answer) {
    super(answer.detail ?? `the server answered ${status}`);
    this.status = status;
    this.fix = answer.fix ?? "";
    this.theirs = answer.theirs;
  }
}

/** No answer: the server is away. */
export class Away extends Error {}

/** @type {(isThere: boolean) => void} */
let tell = () => {};
let isThere = true;

/** @param {(isThere: boolean) => void} listener called when the server goes away, and when it is back */
export function whenServerChanges(listener) {
  tell = listener;
}

/** @param {boolean} now */
function note(now) {
  if (now === isThere) return;
  isThere = now;
  tell(now);
  if (!now) setTimeout(ask, ASK_AGAIN);
}

async function ask() {
  try {
    await fetch("/bench/page.html", { method: "HEAD", cache: "no-store" });
    note(true);
  } catch {
    setTimeout(ask, ASK_AGAIN);
  }
}

const READS = /\/(try|draft|words)$/; // calls with a body that write no mapping
const writes = { begun: 0, done: 0 };

/** How often this page has written, NaN while it does: what it wrote itself is nobody else's change. */
export const written = () => (writes.begun === writes.done ? writes.done : NaN);

/** Calls the server: GET, or POST with a body. @param {string} path @param {any} [body] @returns {Promise<any>} */
export async function call(path, body) {
  const isWrite = body !== undefined && !READS.test(path);
  if (isWrite) writes.begun += 1;
  try {
    return await answered(path, body);
  } finally {
    if (isWrite) setTimeout(() => { writes.done += 1; }); // once the caller has taken the answer
  }
}

/** @param {string} path @param {any} body @returns {Promise<any>} */
async function answered(path, body) {
  const headers = { authorization: `Bearer ${TOKEN}`, ...(body === undefined ? {} : { "content-type": "application/json" }) };
  let answer;
  try {
    answer = await fetch(path, { method: body === undefined ? "GET" : "POST", headers, cache: "no-store", body: body === undefined ? undefined : JSON.stringify(body) });
  } catch (error) {
    note(false);
    throw new Away(String(error));
  }
  note(true);
  const made = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(answer.status, made);
  return made;
}

/** The address of this page for an article, "" for the list of all. @param {string} article */
export function addressOf(article) {
  const fields = new URLSearchParams(article ? { article } : {});
  fields.set("token", TOKEN);
  return `/?${fields}`;
}
