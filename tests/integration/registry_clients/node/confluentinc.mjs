// @confluentinc/schemaregistry: reads `{url, userInfo, subject, records}` from its input, says what it found as JSON.
import { answer, input, require, typeHook } from "./input.mjs";

const { AvroDeserializer, AvroSerializer, SchemaRegistryClient, SerdeType } = require("@confluentinc/schemaregistry");

const { url, userInfo, subject, records } = input;
const client = new SchemaRegistryClient({
  baseURLs: [url],
  basicAuthCredentials: { credentialsSource: "USER_INFO", userInfo },
});

const reader = new AvroDeserializer(client, SerdeType.VALUE, { typeHook });
const decoded = [];
for (const record of records) decoded.push(await reader.deserialize("any", Buffer.from(record, "base64")));

const schema = JSON.stringify({ type: "record", name: "Look", namespace: "shop", fields: [{ name: "page", type: "string" }] });
const other = schema.replace('"string"', '"int"');
const id = await client.register(`${subject}-value`, { schema, schemaType: "AVRO" });
const writer = new AvroSerializer(client, SerdeType.VALUE, { useLatestVersion: true });
const framed = await writer.serialize(subject, { page: "/" });
const read = await reader.deserialize(subject, framed);
const compatible = await client.testSubjectCompatibility(`${subject}-value`, { schema: other, schemaType: "AVRO" });
const refused = await client.register(`${subject}-value`, { schema: other, schemaType: "AVRO" }).then(
  () => null,
  (error) => ({ status: error.status, code: error.errorCode }),
);
const versions = await client.getAllVersions(`${subject}-value`);

answer({ decoded, id, framedId: framed.readInt32BE(1), read: { ...read }, compatible, refused, versions });
