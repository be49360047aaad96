// What both scripts share: their input, whole numbers of all 64 bits, and how an answer is written.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

// As CommonJS modules, from the folder the packages are installed in.
export const require = createRequire(`${process.cwd()}/package.json`);
export const input = JSON.parse(readFileSync(0, "utf8"));

// avsc refuses what a JavaScript number cannot hold; this is how its manual has such numbers read.
const long = require("avsc").types.LongType.__with({
  fromBuffer: (buffer) => buffer.readBigInt64LE(),
  toBuffer: (value) => {
    const buffer = Buffer.alloc(8);
    buffer.writeBigInt64LE(BigInt(value));
    return buffer;
  },
  fromJSON: BigInt,
  toJSON: Number,
  isValid: (value) => typeof value === "bigint" || Number.isInteger(value),
  compare: (one, other) => (one === other ? 0 : one < other ? -1 : 1),
});

export const typeHook = (schema) => (schema === "long" || schema.type === "long" ? long : undefined);

const readable = (_, value) => {
  if (typeof value === "bigint") return String(value);
  return value?.type === "Buffer" ? Buffer.from(value.data).toString("base64") : value;
};

export function answer(found) {
  process.stdout.write(JSON.stringify(found, readable));
}
