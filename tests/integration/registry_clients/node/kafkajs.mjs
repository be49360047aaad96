// @kafkajs/confluent-schema-registry: reads `{url, userInfo, subject, records}` from its input, says what it found as JSON.
import { answer, input, require, typeHook } from "./input.mjs";

const { SchemaRegistry, SchemaType } = require("@kafkajs/confluent-schema-registry");

const { url, userInfo, subject, records } = input;
const [username, password] = userInfo.split(/:(.*)/s);
const registry = new SchemaRegistry({ host: url, auth: { username, password } }, { [SchemaType.AVRO]: { typeHook } });

const decoded = [];
for (const record of records) decoded.push(await registry.decode(Buffer.from(record, "base64")));

const schema = { type: "record", name: "Look", namespace: "shop", fields: [{ name: "page", type: "string" }] };
const other = { ...schema, fields: [{ name: "page", type: "int" }] };
const register = (one) => registry.register({ type: SchemaType.AVRO, schema: JSON.stringify(one) }, { subject: `${subject}-value` });
const { id } = await register(schema);
const framed = await registry.encode(id, { page: "/" });
const read = await registry.decode(framed);
const latest = await registry.getLatestSchemaId(`${subject}-value`);
const refused = await register(other).then(
  () => null,
  (error) => ({ status: error.status, code: error.status }),
);

answer({ decoded, id, framedId: framed.readInt32BE(1), read: { ...read }, latest, refused });
