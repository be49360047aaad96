// InstantSearch's widgets for a shop's search page, and what each of them shows.
aa("init", { appId: told.get("application"), apiKey: told.get("key"), host: `${api.origin}/search` });
const w = instantsearch.widgets;
const search = watched(instantsearch({
  indexName: "products", searchClient, insights: { insightsClient: aa }, future: { preserveSharedStateOnUnmount: true },
}));
const levels = ["categories.lvl0", "categories.lvl1", "categories.lvl2"];
const sorts = ["products", "products_price_asc", "products_price_desc", "products_title"];
search.addWidgets([
  w.searchBox({ container: container("box") }),
  w.stats({ container: container("stats"), templates: { text: ({ nbHits }) => String(nbHits) } }),
  w.currentRefinements({ container: container("chosen") }),
  w.clearRefinements({ container: container("clear") }),
  w.refinementList({ container: container("brands"), attribute: "brand", limit: 5, showMore: true, showMoreLimit: 50, searchable: true }),
  w.refinementList({ container: container("tags"), attribute: "tags", operator: "and" }),
  w.menu({ container: container("sizes"), attribute: "options.size" }),
  w.hierarchicalMenu({ container: container("categories"), attributes: levels, limit: 50 }),
  w.breadcrumb({ container: container("crumbs"), attributes: levels }),
  w.rangeInput({ container: container("range"), attribute: "price", precision: 2 }),
  w.numericMenu({ container: container("numbers"), attribute: "price", items: [{ label: "all" }, { label: "cheap", end: 5 }, { label: "dear", start: 5 }] }),
  w.ratingMenu({ container: container("fats"), attribute: "attributes.fat", max: 31 }),
  w.toggleRefinement({ container: container("stock"), attribute: "in_stock", on: true }),
  w.sortBy({ container: container("sort"), items: sorts.map((value) => ({ value, label: value })) }),
  w.hitsPerPage({ container: container("perPage"), items: [20, 50].map((value) => ({ value, label: String(value), default: value === 50 })) }),
  w.hits({ container: container("hits"), templates: { item: title } }),
  w.pagination({ container: container("pages"), totalPages: 50 }),
]);
const shown = () => ({
  hits: Number(text(document.querySelector("#stats"))),
  titles: all("#hits b").map(text),
  marked: all("#hits mark").map(text),
  brands: counts("#brands li", ".ais-RefinementList-labelText", ".ais-RefinementList-count"),
  tags: counts("#tags li", ".ais-RefinementList-labelText", ".ais-RefinementList-count"),
  sizes: counts("#sizes li", ".ais-Menu-label", ".ais-Menu-count"),
  categories: counts("#categories li", ".ais-HierarchicalMenu-label", ".ais-HierarchicalMenu-count"),
  crumbs: all("#crumbs li").map((one) => text(one).replace(/^>\s*/, "")),
  range: all("#range input[type=number]").map((input) => Number(input.placeholder)),
  fats: Object.fromEntries(all("#fats li").filter((one) => one.querySelector(".ais-RatingMenu-count"))
    .map((one) => [one.querySelector("[aria-label]").getAttribute("aria-label"), Number(text(one.querySelector(".ais-RatingMenu-count")))])),
  pages: all("#pages .ais-Pagination-item--page").map(text),
  chosen: all("#chosen .ais-CurrentRefinements-categoryLabel").map(text),
  fresh: search.helper.lastResults.as_of !== undefined && search.helper.lastResults.lag_ms !== undefined,
  failed,
});
search.start();
