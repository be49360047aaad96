// The client as a program uses it, asking for categories and for what others searched for, beside products.
import { liteClient } from "algoliasearch/lite";

const [address, application, key] = process.argv.slice(2);
const at = new URL(address);
const hosts = [{ url: `${at.host}/search`, accept: "readWrite", protocol: at.protocol.slice(0, -1) }];
// A machine that does other work takes its time.
const client = liteClient(application, key, { hosts, timeouts: { connect: 30_000, read: 30_000, write: 30_000 } });
const wrong = async (asked) => asked.then(() => "answered", (error) => `${error.name}: ${error.message}`);
const nothing = (indexName, more) => wrong(client.search({ requests: [{ indexName, ...more }] }));

const { results } = await client.search({
  requests: [
    { indexName: "products_query_suggestions", query: "knif", hitsPerPage: 2 },
    { indexName: "products", query: "knife", hitsPerPage: 1 },
    { indexName: "categories", query: "chee", hitsPerPage: 10 },
    { indexName: "categories/de", query: "", hitsPerPage: 2, page: 1 },
  ],
});

console.log(JSON.stringify({
  queries: results[0].hits.map((hit) => [hit.query, hit.popularity, hit._highlightResult.query.value]),
  products: results[1].index,
  cheese: results[2].hits.map((hit) => [hit.path, hit.products, hit._highlightResult.name.value]),
  page: [results[3].hits.length, results[3].nbHits, results[3].nbPages, results[3].page],
  unknown: await nothing("my_shop_collections"),
  filtered: await nothing("categories", { facetFilters: ["brand:Verde"] }),
  money: await nothing("categories/EUR"),
}));
