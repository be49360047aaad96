// The same shop with React's widgets.
import { liteClient } from "algoliasearch/lite";
import { createRoot } from "react-dom/client";
import {
  Configure, HierarchicalMenu, Highlight, Hits, InfiniteHits, InstantSearch, Pagination, RefinementList, SearchBox, useStats,
} from "react-instantsearch";

const told = new URLSearchParams(location.search);
const api = new URL(told.get("api"));
const hosts = [{ url: `${api.host}/search`, accept: "readWrite", protocol: api.protocol.slice(0, -1) }];
const client = liteClient(told.get("application"), told.get("key"), { hosts });
const endless = told.get("endless") === "true";
const levels = ["categories.lvl0", "categories.lvl1", "categories.lvl2"];

const Title = ({ hit }) => <b><Highlight attribute="title" hit={hit} /></b>;
const Found = () => <p id="stats">{useStats().nbHits}</p>;

createRoot(document.body.appendChild(document.createElement("div"))).render(
  <InstantSearch searchClient={client} indexName="products" future={{ preserveSharedStateOnUnmount: true }}>
    <Configure hitsPerPage={20} filters={told.get("filters") ?? ""} />
    <SearchBox />
    <Found />
    <RefinementList attribute="brand" limit={50} />
    <HierarchicalMenu attributes={levels} limit={50} />
    {endless ? <InfiniteHits hitComponent={Title} /> : <><Hits hitComponent={Title} /><Pagination padding={20} /></>}
  </InstantSearch>,
);
