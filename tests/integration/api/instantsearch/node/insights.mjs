// search-insights as npm has it: tells of a click and a purchase after a search. Prints whether each was taken.
import insights from "search-insights";
import { liteClient } from "algoliasearch/lite";

const [address, application, key] = process.argv.slice(2);
const at = new URL(address);
const hosts = [{ url: `${at.host}/search`, accept: "readWrite", protocol: at.protocol.slice(0, -1) }];
const client = liteClient(application, key, { hosts });

const told = (secret) => {
  insights("init", { appId: application, apiKey: secret, host: `${at.origin}/search`, userToken: "anonymous-1" });
  return insights;
};
const search = { indexName: "products", query: "knife", clickAnalytics: true, userToken: "anonymous-1" };
const { results } = await client.search({ requests: [search, { ...search, hitsPerPage: 0, facets: "brand", analytics: false }] });
const [{ queryID, hits }] = results;
const followed = { eventName: "a name", index: "products", queryID };
const own = told(key);
const taken = [
  await own("clickedObjectIDsAfterSearch", { ...followed, objectIDs: [hits[1].objectID], positions: [2] }),
  await own("purchasedObjectIDsAfterSearch", {
    ...followed,
    objectIDs: [hits[1].objectID],
    objectData: [{ queryID, price: 4.5, quantity: 2 }],
    value: 9,
    currency: "EUR",
  }),
  await own("viewedObjectIDs", { eventName: "a name", index: "products", objectIDs: [hits[0].objectID] }),
  await own("clickedFilters", { eventName: "a name", index: "products", filters: ["brand:Verde"] }),
  await told("rtk_pub_nonsense")("viewedObjectIDs", { eventName: "a", index: "products", objectIDs: [hits[0].objectID] }),
];
console.log(JSON.stringify({ queryID, clicked: hits[1].objectID, seen: hits[0].objectID, taken }));
