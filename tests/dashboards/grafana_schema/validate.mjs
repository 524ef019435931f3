// Validate boards against Grafana's published types: node validate.mjs BOARD.json …
// Prints one line per violation.
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import Ajv from "ajv";
import { createGenerator } from "ts-json-schema-generator"; // 2.4.0 is the last version for Node 20

const PHRASES = {
  additionalProperties: () => "unknown key",
  anyOf: ({ data }) => `is ${JSON.stringify(data)}, which no type allows`,
  const: ({ params, data }) => `is ${JSON.stringify(data)}, not ${JSON.stringify(params.allowedValue)}`,
  enum: ({ params, data }) => `is ${JSON.stringify(data)}, not one of ${JSON.stringify(params.allowedValues)}`,
  required: () => "missing",
  type: ({ params, data }) => `is ${JSON.stringify(data)}, not of type ${[params.type].flat().join(" or ")}`,
};

function boardSchema() {
  const [path, tsconfig] = ["board.ts", "tsconfig.json"].map((name) => fileURLToPath(new URL(name, import.meta.url)));
  const schema = createGenerator({ path, tsconfig, type: "Board", expose: "none", topRef: false }).createSchema("Board");
  constrainOverrides(schema);
  return schema;
}

// In the types, the value of an override is unknown. It has the type of the same field in the defaults.
function constrainOverrides(schema) {
  const { defaults, overrides } = schema.properties ?? {};
  if (defaults && overrides) {
    const { custom, ...plain } = defaults.properties;
    const named = Object.entries(custom.properties ?? {}).map(([key, value]) => [`custom.${key}`, value]);
    overrides.items.properties.properties.items = overrideSchema([...Object.entries(plain), ...named]);
  }
  for (const below of Object.values(schema)) if (below && typeof below === "object") constrainOverrides(below);
}

function overrideSchema(fields) {
  return {
    type: "object",
    properties: { id: { enum: fields.map(([id]) => id) }, value: {} },
    required: ["id"],
    additionalProperties: false,
    allOf: fields.map(([id, value]) => ({
      if: { properties: { id: { const: id } } },
      then: { properties: { value } },
    })),
  };
}

function violations(path) {
  const board = JSON.parse(readFileSync(path, "utf8"));
  validate(board);
  return (validate.errors ?? []).filter(isRelevant).map((error) => `${basename(path)}: ${describe(error, board)}`);
}

// Ajv also reports why each alternative of a union failed, and that the consequence of a condition failed.
function isRelevant({ keyword, schemaPath }) {
  return keyword !== "if" && !schemaPath.includes("/anyOf/");
}

function describe(error, board) {
  const { instancePath, keyword, params, message } = error;
  const key = params.additionalProperty ?? params.missingProperty;
  const where = key === undefined ? instancePath : `${instancePath}/${key}`;
  return `${panelOf(board, instancePath)}${where}: ${PHRASES[keyword]?.(error) ?? message}`;
}

function panelOf(board, path) {
  const found = path.match(/^\/panels\/(\d+)(?:\/panels\/(\d+))?/);
  if (!found) return "";
  const [, outer, inner] = found;
  const panel = inner === undefined ? board.panels[outer] : board.panels[outer].panels[inner];
  return `panel ${JSON.stringify(panel.title ?? "")}: `;
}

const validate = new Ajv({ allErrors: true, verbose: true, allowUnionTypes: true }).compile(boardSchema());
const lines = process.argv.slice(2).flatMap(violations);
for (const line of lines) console.log(line);
process.exitCode = lines.length ? 1 : 0;
