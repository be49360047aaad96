// What goes with a product. InfiniteHits must not be beside it: it cannot wait for hits when this is answered first.
const search = watched(instantsearch({ indexName: "products", searchClient }));
search.addWidgets([
  instantsearch.widgets.relatedProducts({ container: container("related"), objectIDs: [told.get("product")], limit: 5, templates: { item: title } }),
]);
search.start();
