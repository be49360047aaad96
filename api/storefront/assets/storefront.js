// What the pages gain where there is JavaScript: suggestions while somebody types, facets and pages in place, a cart
// that is filled without leaving the page. Every page works without it.

const told = document.querySelector("#told");
const say = (text) => {
  told.textContent = "";
  requestAnimationFrame(() => (told.textContent = text));
};

/** Suggestions: a combobox whose list is filled by the API's own answers. */
function suggest(input) {
  const { locale, currency, suggestions, told: sentence } = input.dataset;
  const list = document.createElement("ul");
  Object.assign(list, { id: "suggested", className: "suggested", hidden: true });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", suggestions);
  input.after(list);
  for (const [name, value] of Object.entries({
    role: "combobox", "aria-expanded": "false", "aria-controls": list.id, "aria-autocomplete": "list",
  })) input.setAttribute(name, value);

  let asking = null;
  let waiting = 0;
  let chosen = -1;

  const options = () => [...list.children];
  const choose = (at) => {
    chosen = at;
    options().forEach((one, n) => one.setAttribute("aria-selected", String(n === at)));
    if (at >= 0) {
      input.setAttribute("aria-activedescendant", options()[at].id);
      options()[at].scrollIntoView?.({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  };
  const close = () => {
    clearTimeout(waiting);
    asking?.abort();
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    choose(-1);
  };
  const show = (found) => {
    list.replaceChildren(...found.map(option));
    choose(-1);
    list.hidden = !found.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    say(sentence.replace("{number}", found.length));
  };
  const ask = async () => {
    const q = input.value.trim();
    if (!q) return close();
    asking?.abort();
    asking = new AbortController();
    try {
      const query = new URLSearchParams({ q, locale, currency, size: "6" });
      const answer = await fetch(`/v1/search/suggestions?${query}`, { signal: asking.signal });
      if (!answer.ok || document.activeElement !== input) return close();
      show(entries(await answer.json()));
    } catch (error) {
      if (error.name !== "AbortError") close();
    }
  };
  const entries = ({ products, categories, queries = [], pages = [] }) => [
    ...queries.slice(0, 3).map((text) => ({ text, lang: locale, beside: "⌕", at: `?${new URLSearchParams({ q: text })}` })),
    ...products.map((one) => ({ text: one.title, lang: one.locale, beside: one.brand, at: `products/${encodeURIComponent(one.handle)}` })),
    ...categories.map((one) => ({ text: one.name, lang: one.locale, beside: "›", at: `?category=${one.id}` })),
    ...pages.map((one) => ({ text: one.title, lang: one.locale, beside: "¶", at: `${one.kind}s/${encodeURIComponent(one.handle)}` })),
  ];
  const option = ({ text, lang, beside, at }, n) => {
    const made = Object.assign(document.createElement("li"), { id: `suggested-${n}`, lang, dir: "auto" });
    made.setAttribute("role", "option");
    const address = new URL(at, new URL(`/shop/${locale}/`, location.href));
    const own = new URLSearchParams(new FormData(input.form)).get("currency");
    if (own) address.searchParams.set("currency", own);
    made.dataset.address = address.pathname + address.search;
    made.append(Object.assign(document.createElement("span"), { textContent: text }));
    if (beside) made.append(Object.assign(document.createElement("span"), { className: "quiet", textContent: beside }));
    return made;
  };

  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 120);
  });
  input.addEventListener("keydown", (event) => {
    const number = options().length;
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !list.hidden && number) {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      choose(((chosen + 1 + step + number + 1) % (number + 1)) - 1);
    } else if (event.key === "Enter" && chosen >= 0) {
      event.preventDefault();
      location.assign(options()[chosen].dataset.address);
    }
  });
  input.addEventListener("blur", close);
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
  list.addEventListener("click", (event) => {
    const one = event.target.closest("[role=option]");
    if (one) location.assign(one.dataset.address);
  });
}

/** Facets, order and pages without loading the page: the same address is fetched, and what is found put in place. */
function inPlace() {
  let asking = null;

  const load = async (address, { remember, focus }) => {
    asking?.abort();
    asking = new AbortController();
    document.querySelector("#results").classList.add("waits");
    try {
      const answer = await fetch(address, { signal: asking.signal, headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const found = page.querySelector("#found");
      if (!answer.ok || !found) return location.assign(address);
      const narrow = document.querySelector(".narrow").open;
      const scrolled = [...document.querySelectorAll("#facets ul")].map((one) => one.scrollTop);
      document.querySelector("#found").replaceWith(found);
      document.querySelector(".narrow").open = narrow;
      document.querySelectorAll("#facets ul").forEach((one, n) => (one.scrollTop = scrolled[n] ?? 0));
      for (const id of ["#fresh", "#currencies"]) {
        const newer = page.querySelector(id);
        if (newer) document.querySelector(id)?.replaceWith(newer);
      }
      document.title = page.title;
      if (remember) history.pushState(null, "", address);
      back(focus);
      say(document.querySelector("#number").textContent);
    } catch (error) {
      if (error.name !== "AbortError") location.assign(address);
    }
  };
  /** To the control that was used, if it is still there; else to how many were found. */
  const back = (focus) => {
    const same = focus?.name && [...document.querySelectorAll("#facets [name]")].find(
      (one) => one.name === focus.name && (one.type !== "checkbox" && one.type !== "radio" || one.value === focus.value),
    );
    (same || document.querySelector("#number")).focus({ preventScroll: Boolean(same) });
    if (!same) document.querySelector("#number").scrollIntoView?.({ block: "nearest" });
  };
  const addressOf = (form) => {
    const given = [...new FormData(form)].filter(([name, value]) => value !== "" && !(name === "sort" && value === "relevance"));
    const query = new URLSearchParams(given).toString();
    const path = form.getAttribute("action").split("?")[0];
    return query ? `${path}?${query}` : path;
  };

  document.addEventListener("change", (event) => {
    const form = event.target.closest("#facets");
    if (form) load(addressOf(form), { remember: true, focus: event.target });
  });
  document.addEventListener("submit", (event) => {
    if (event.target.id !== "facets") return;
    event.preventDefault();
    load(addressOf(event.target), { remember: true });
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".pages a, .chosen a");
    if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    load(link.getAttribute("href"), { remember: true });
  });
  addEventListener("popstate", () => load(location.pathname + location.search, { remember: false }));
}

/** Puts something in without leaving the page; where that does not work, the form is sent as ever. */
function fillCart(form) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const [count, newer] = [document.querySelector("#cart-count"), page.querySelector("#cart-count")];
      if (!answer.ok || !newer) return form.submit();
      count.textContent = newer.textContent;
      say(form.dataset.added);
      const note = form.querySelector(".note") ?? form.appendChild(Object.assign(document.createElement("p"), { className: "note" }));
      note.textContent = form.dataset.added;
    } catch {
      form.submit();
    } finally {
      button.disabled = false;
    }
  });
}

const field = document.querySelector("#q");
if (field) suggest(field);
if (document.querySelector("#found")) inPlace();
for (const form of document.querySelectorAll("form.buy")) fillCart(form);
document.querySelector("#problem")?.focus();
if (globalThis.matchMedia?.("(max-width: 56rem)").matches) document.querySelector(".narrow")?.removeAttribute("open");
