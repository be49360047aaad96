// The client of somebody who signed in: their access token in place of the key. Prints what all hits cost them.
import { liteClient } from "algoliasearch/lite";

const [address, application, token] = process.argv.slice(2);
const at = new URL(address);
const hosts = [{ url: `${at.host}/search`, accept: "readWrite", protocol: at.protocol.slice(0, -1) }];
const client = liteClient(application, token, { hosts, authMode: "WithinHeaders" });
const requests = [{ indexName: "products_price_asc", hitsPerPage: 1000, facets: ["price"] }];
const { results } = await client.search({ requests });

console.log(JSON.stringify({ prices: results[0].hits.map((hit) => hit.price), stats: results[0].facets_stats.price }));
