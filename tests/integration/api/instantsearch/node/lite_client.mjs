// The client as a program uses it: keys in headers. Prints what it was answered, or what it says went wrong.
import { liteClient } from "algoliasearch/lite";

const [address, application, key] = process.argv.slice(2);
const at = new URL(address);
const hosts = [{ url: `${at.host}/search`, accept: "readWrite", protocol: at.protocol.slice(0, -1) }];
const client = (id, secret) => liteClient(id, secret, { hosts });
const wrong = async (asked) => asked.then(() => "answered", (error) => `${error.name}: ${error.message}`);

const own = client(application, key);
const products = (more) => ({ requests: [{ indexName: "products", ...more }] });
const { results } = await own.search({
  requests: [
    { indexName: "products", query: "knife", hitsPerPage: 3, facets: ["brand"] },
    { indexName: "products", type: "facet", facet: "brand", facetQuery: "ver" },
  ],
});
const [knife] = results[0].hits;
const recommend = async (more) => own.getRecommendations({
  requests: [{
    indexName: "products", model: "related-products", objectID: knife.objectID, threshold: 0, maxRecommendations: 3, ...more,
  }],
});
const related = await recommend();

console.log(JSON.stringify({
  hits: results[0].nbHits,
  verde: results[0].facets.brand.Verde,
  facetHits: results[1].facetHits,
  nonsense: await wrong(own.search(products({ filters: "brand:" }))),
  stranger: await wrong(client("another-shop", key).search(products())),
  keyless: await wrong(client(application, "rtk_pub_nonsense").search(products())),
  nowhere: await wrong(own.search({ requests: [{ indexName: "orders" }] })),
  recommended: {
    hits: related.results[0].hits.length,
    itself: related.results[0].hits.some((hit) => hit.objectID === knife.objectID),
    best: related.results[0].hits[0]._score,
  },
  trending: await wrong(recommend({ model: "trending-items" })),
}));
