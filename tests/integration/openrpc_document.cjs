// Holds an OpenRPC document against the specification's own meta-schema:
//     node openrpc_document.cjs < DOCUMENT
// Prints a JSON array of what is wrong with it.
"use strict";
const Ajv = require("ajv");
const { openrpcDocument } = require("@open-rpc/meta-schema");
const jsonSchema = require("@json-schema-tools/meta-schema").default;

// It names JSON Schema's own schema with and without the last slash, and a draft nobody has to
// know to check a document.
const text = JSON.stringify({ ...openrpcDocument, $schema: undefined });
const schema = JSON.parse(text.replaceAll(`"${jsonSchema.$id.slice(0, -1)}"`, `"${jsonSchema.$id}"`));
const ajv = new Ajv({ allErrors: true, strict: false, validateFormats: false });
ajv.addSchema(jsonSchema, jsonSchema.$id);

const document = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
const faults = ajv.validate(schema, document) ? [] : ajv.errors;
console.log(JSON.stringify(faults.map((fault) => `${fault.instancePath}: ${fault.message}`)));
