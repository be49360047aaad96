// Autocomplete with the plugin for query suggestions, and categories beside the products: all as npm has them.
const { autocomplete, getAlgoliaResults } = window["@algolia/autocomplete-js"];
const { createQuerySuggestionsPlugin } = window["@algolia/autocomplete-plugin-query-suggestions"];
const past = createQuerySuggestionsPlugin({
  searchClient,
  indexName: "products_query_suggestions",
  getSearchParams: () => ({ hitsPerPage: 3 }),
});
const source = (indexName, attribute, shown) => ({ query }) => [{
  sourceId: indexName,
  getItems: () => getAlgoliaResults({ searchClient, queries: [{ indexName, params: { query, hitsPerPage: 5 } }] }),
  templates: {
    item: ({ item, components, html }) =>
      html`<b class=${indexName}>${components.Highlight({ hit: item, attribute })}${shown(item)}</b>`,
  },
}];
const categories = source("categories", "path", (hit) => ` (${hit.products})`);
const products = source("products", "title", () => "");
autocomplete({
  container: container("box"),
  detachedMediaQuery: "none",
  openOnFocus: true,
  plugins: [past],
  getSources: (state) => [...categories(state), ...products(state)],
});
