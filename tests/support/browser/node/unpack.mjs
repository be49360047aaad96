// Unpacks named parts of Chromium's package: node unpack.mjs FROM TO PART…
import { createReadStream, createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress } from "node:zlib";

const [from, to, ...parts] = process.argv.slice(2);
await Promise.all(
  parts.map((part) => pipeline(createReadStream(`${from}/${part}.br`), createBrotliDecompress(), createWriteStream(`${to}/${part}`))),
);
