// Widgets that a page has instead of others: hits without pages, a slider, a menu to unfold, facets that the shop names.
const w = instantsearch.widgets;
const search = watched(instantsearch({ indexName: "products", searchClient }));
search.addWidgets([
  w.configure({ hitsPerPage: 20 }),
  w.searchBox({ container: container("box") }),
  w.stats({ container: container("stats"), templates: { text: ({ nbHits }) => String(nbHits) } }),
  w.menuSelect({ container: container("brands"), attribute: "brand", limit: 50 }),
  w.rangeSlider({ container: container("slider"), attribute: "price", pips: false, step: 1 }),
  w.dynamicWidgets({
    container: container("dynamic"),
    maxValuesPerFacet: 100,
    fallbackWidget: ({ container, attribute }) =>
      w.panel({ templates: { header: () => attribute } })(w.refinementList)({ container, attribute, limit: 100 }),
    widgets: [],
  }),
  w.infiniteHits({ container: container("hits"), templates: { item: title } }),
]);
const shown = () => ({
  hits: Number(text(document.querySelector("#stats"))),
  titles: all("#hits b").map(text),
  brands: all("#brands option").map(text),
  slider: all("#slider [role=slider]").map((one) => Number(one.getAttribute("aria-valuenow"))),
  dynamic: Object.fromEntries(all("#dynamic .ais-Panel").map((one) => [
    text(one.querySelector(".ais-Panel-header")),
    Object.fromEntries([...one.querySelectorAll("li")].map((value) =>
      [text(value.querySelector(".ais-RefinementList-labelText")), Number(text(value.querySelector(".ais-RefinementList-count")))])),
  ])),
  failed,
});
search.start();
