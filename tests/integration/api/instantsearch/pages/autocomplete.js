// Autocomplete as npm has it, over the shop's products.
const { autocomplete, getAlgoliaResults } = window["@algolia/autocomplete-js"];
autocomplete({
  container: container("box"),
  detachedMediaQuery: "none",
  getSources: ({ query }) => [{
    sourceId: "products",
    getItems: () => getAlgoliaResults({ searchClient, queries: [{ indexName: "products", params: { query, hitsPerPage: 5 } }] }),
    templates: { item: ({ item, components, html }) => html`<b>${components.Highlight({ hit: item, attribute: "title" })}</b>` },
  }],
});
