// What every page here begins with: the client, as the address of the page says which, and a place for each widget.
const told = new URLSearchParams(location.search);
const api = new URL(told.get("api"));
const hosts = [{ url: `${api.host}/search`, accept: "readWrite", protocol: api.protocol.slice(0, -1) }];
const searchClient = window["algoliasearch/lite"].liteClient(told.get("application"), told.get("key"), { hosts });

const container = (id) => {
  const made = document.body.appendChild(Object.assign(document.createElement("div"), { id }));
  return `#${made.id}`;
};
const title = (hit, { html, components }) => html`<b>${components.Highlight({ attribute: "title", hit })}</b>`;

const all = (selector) => [...document.querySelectorAll(selector)];
const text = (node) => node.textContent.trim();
const counts = (list, label, count) =>
  Object.fromEntries(all(list).map((one) => [text(one.querySelector(label)), Number(text(one.querySelector(count)).replaceAll(",", ""))]));

/** Whether what was asked last is answered and shown; `window.before` is what was there before somebody did something. */
const answered = () => Boolean(search.status === "idle" && search.helper?.lastResults && search.helper.lastResults !== window.before);
const failed = [];
const watched = (search) => search.on("error", ({ error }) => failed.push(error.message));
