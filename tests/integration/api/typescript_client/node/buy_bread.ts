// A shop gets a product, somebody buys it, and what is wrong is said: all of it with the types of the API's document.
import { client } from "./generated/client.gen.ts";
import {
  createProduct,
  getOrder,
  getProductByHandle,
  listOrders,
  payOrder,
  placeOrder,
  publishProduct,
} from "./generated/sdk.gen.ts";

declare const process: { argv: string[] };
const [url, boss, customer] = process.argv.slice(2);

const as = (token: string) => ({ auth: token, throwOnError: true as const });
client.setConfig({ baseUrl: url });

const product = await createProduct({
  ...as(boss),
  body: {
    translations: [{ locale: "en", title: "Rye bread", handle: "rye-bread" }],
    variants: [{ sku: "RYE-500", prices: [{ currency: "EUR", amount_minor: 420 }] }],
  },
});
await publishProduct({ ...as(boss), path: { product_id: product.data.id } });

const shown = await getProductByHandle({
  ...as(customer),
  path: { handle: "rye-bread" },
  query: { locale: "de-AT" },
});
const key = { "Idempotency-Key": "one-click" };
const lines = [{ sku: "RYE-500", quantity: 3 }];
const placed = await placeOrder({ ...as(customer), headers: key, body: { lines } });
const again = await placeOrder({ ...as(customer), headers: key, body: { lines } });
const order = await getOrder({ ...as(customer), path: { order_id: placed.data.id } });
const orders = await listOrders({ ...as(customer), query: { limit: 10 } });

const refused = await payOrder({ auth: customer, path: { order_id: placed.data.id }, body: { payment_id: "p1" } });
const wrong = await placeOrder({ auth: customer, body: { lines: [{ sku: "NOBODYS", quantity: 1 }] } });

console.log(
  JSON.stringify({
    title: shown.data.title,
    totalMinor: order.data.total_minor,
    sameOrder: again.data.id === placed.data.id,
    orders: orders.data.items.length,
    refused: refused.error?.code,
    fields: wrong.error?.errors.map((one) => one.field),
  }),
);
