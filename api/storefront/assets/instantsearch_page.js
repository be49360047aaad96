// The page of stock InstantSearch: widgets as npm has them, told nothing but where the shop's search is.
const place = document.querySelector("#widgets");
const { shop, root, view, at, locale } = place.dataset;
const [words, sorts] = [JSON.parse(place.dataset.words), JSON.parse(place.dataset.sorts)];
const hosts = [{ url: location.host + root, accept: "readWrite", protocol: location.protocol.slice(0, -1) }];
// At the shop's own host no key is needed: its name stands for one.
const searchClient = window["algoliasearch/lite"].liteClient(shop, shop, { hosts });
const index = (name) => `${name}/${view}`;
const search = instantsearch({
  indexName: index("products"), searchClient, routing: true, future: { preserveSharedStateOnUnmount: true },
});
const { widgets } = instantsearch;
const list = { list: "plain", label: "tick", count: "number" };
const unit = (hit) => (hit.units.length === 1 && hit.units[0] !== "piece" ? ` / ${hit.units[0]}` : "");
const money = (hit) =>
  new Intl.NumberFormat(locale, { style: "currency", currency: hit.currency }).format(hit.price) + unit(hit);
const found = (number) => (number === 1 ? words.one : words.many.replace("{number}", number));

search.addWidgets([
  widgets.configure({ hitsPerPage: 24 }),
  widgets.searchBox({
    container: "#searchbox", cssClasses: { form: "find" }, placeholder: words.searchFor, showReset: false,
    templates: { submit: () => words.search },
  }),
  widgets.stats({ container: "#stats", templates: { text: ({ nbHits }) => found(nbHits) } }),
  widgets.sortBy({
    container: "#sort",
    items: Object.entries(sorts).map(([name, label]) => ({ value: index(name), label })),
  }),
  widgets.toggleRefinement({ container: "#in-stock", attribute: "in_stock", on: true, templates: { labelText: () => words.stock }, cssClasses: { label: "tick" } }),
  widgets.hierarchicalMenu({
    container: "#categories", attributes: ["categories.lvl0", "categories.lvl1", "categories.lvl2"], limit: 30,
    cssClasses: { count: "number" },
  }),
  widgets.refinementList({
    container: "#brands", attribute: "brand", searchable: true, searchablePlaceholder: words.search, showMore: true, showMoreLimit: 100, cssClasses: list,
    templates: { showMoreText: ({ isShowingMore }) => (isShowingMore ? words.less : words.more), searchableNoResults: () => words.nothing },
  }),
  widgets.rangeInput({ container: "#price", attribute: "price", precision: 2, templates: { separatorText: () => "–", submitText: () => words.show } }),
  widgets.clearRefinements({ container: "#clear", templates: { resetLabel: () => words.clear } }),
  widgets.hits({
    container: "#hits",
    cssClasses: { list: "cards", item: "card" },
    templates: {
      empty: () => words.nothing,
      item: (hit, { html, components }) => html`
        <h3 dir="auto" lang=${hit.locale}><a href=${at + encodeURIComponent(hit.handle)}>${components.Highlight({ attribute: "title", hit })}</a></h3>
        <p class="quiet" dir="auto">${hit.brand}</p>
        <p class="amount">${hit.price === null ? "" : money(hit)}</p>
        ${hit.in_stock ? "" : html`<p class="away">${words.out}</p>`}`,
    },
  }),
  widgets.pagination({ container: "#pages" }),
]);
search.on("render", () => {
  document.querySelector("#away").hidden = search.status !== "error";
  // What the widgets do not name by themselves.
  const named = {
    ".ais-RangeInput-input--min": words.from, ".ais-RangeInput-input--max": words.to, ".ais-SortBy-select": words.sort,
    "#searchbox form": "InstantSearch", "#brands form": words.brand,
  };
  for (const [selector, name] of Object.entries(named)) document.querySelector(selector)?.setAttribute("aria-label", name);
  const told = search.helper.lastResults?.as_of;
  document.querySelector("#as-of").textContent = told ? `${words.asOf} ${new Date(told).toLocaleTimeString(locale)}` : "";
});
search.on("error", ({ error }) => console.warn(error.message));
search.start();
