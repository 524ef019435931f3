// Whether boards are as Grafana's published types have them: node validate.mjs BOARD.json …
// Prints a line for everything that is not; nothing, where all is well.
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import Ajv from "ajv";
import { createGenerator } from "ts-json-schema-generator"; // 2.4.0 is its last version for Node 20

const PHRASES = {
  additionalProperties: () => "unknown key",
  anyOf: ({ data }) => `is ${JSON.stringify(data)}, which is nothing that it may be`,
  const: ({ params, data }) => `is ${JSON.stringify(data)}, not ${JSON.stringify(params.allowedValue)}`,
  enum: ({ params, data }) => `is ${JSON.stringify(data)}, not one of ${JSON.stringify(params.allowedValues)}`,
  required: () => "missing",
  type: ({ params, data }) => `is ${JSON.stringify(data)}, not of type ${[params.type].flat().join(" or ")}`,
};

function boardSchema() {
  const [path, tsconfig] = ["board.ts", "tsconfig.json"].map((name) => fileURLToPath(new URL(name, import.meta.url)));
  const schema = createGenerator({ path, tsconfig, type: "Board", expose: "none", topRef: false }).createSchema("Board");
  tieOverrides(schema);
  return schema;
}

// The types say that the value of an override is unknown. It is what the same field has among the defaults.
function tieOverrides(schema) {
  const { defaults, overrides } = schema.properties ?? {};
  if (defaults && overrides) {
    const { custom, ...plain } = defaults.properties;
    const named = Object.entries(custom.properties ?? {}).map(([key, value]) => [`custom.${key}`, value]);
    overrides.items.properties.properties.items = overrideSchema([...Object.entries(plain), ...named]);
  }
  for (const below of Object.values(schema)) if (below && typeof below === "object") tieOverrides(below);
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
  return (validate.errors ?? []).filter(isWhole).map((error) => `${basename(path)}: ${told(error, board)}`);
}

// Ajv also tells why each kind in turn is not what is there, and of a condition that what it demands was not met.
function isWhole({ keyword, schemaPath }) {
  return keyword !== "if" && !schemaPath.includes("/anyOf/");
}

function told(error, board) {
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
