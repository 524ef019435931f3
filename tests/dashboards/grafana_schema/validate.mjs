// Validate boards and resources against Grafana's published types: node validate.mjs BOARD.json …
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
  discriminator: ({ params }) => `is ${JSON.stringify(params.tagValue)}, which no type has as its ${params.tag}`,
  enum: ({ params, data }) => `is ${JSON.stringify(data)}, not one of ${JSON.stringify(params.allowedValues)}`,
  required: () => "missing",
  type: ({ params, data }) => `is ${JSON.stringify(data)}, not of type ${[params.type].flat().join(" or ")}`,
};

function schemaOf(file, type, expose) {
  const [path, tsconfig] = [file, "tsconfig.json"].map((name) => fileURLToPath(new URL(name, import.meta.url)));
  return createGenerator({ path, tsconfig, type, expose, topRef: false }).createSchema(type);
}

function boardSchema() {
  const schema = schemaOf("board.ts", "Board", "none");
  constrainOverrides(schema);
  return schema;
}

function resourceSchema() {
  const schema = schemaOf("resource.ts", "Resource", "export"); // named types, because layouts contain layouts
  discriminateKinds(schema, schema.definitions);
  return schema;
}

// Without it, a violation would be reported for each alternative of a union.
function discriminateKinds(schema, definitions) {
  const alternatives = (schema.anyOf ?? []).map(({ $ref }) => definitions[$ref?.split("/").at(-1)]);
  if (alternatives.length && alternatives.every((one) => one?.properties?.kind?.const)) {
    const discriminator = { propertyName: "kind" };
    Object.assign(schema, { type: "object", required: ["kind"], discriminator, oneOf: schema.anyOf });
    delete schema.anyOf;
  }
  for (const below of Object.values(schema)) {
    if (below && typeof below === "object") discriminateKinds(below, definitions);
  }
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
  const validate = board.apiVersion ? validators.resource() : validators.board();
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
  const found = board.panels && path.match(/^\/panels\/(\d+)(?:\/panels\/(\d+))?/);
  if (!found) return "";
  const [, outer, inner] = found;
  const panel = inner === undefined ? board.panels[outer] : board.panels[outer].panels[inner];
  return `panel ${JSON.stringify(panel.title ?? "")}: `;
}

const once = (make, made) => () => (made ??= make());
const ajv = new Ajv({ allErrors: true, verbose: true, allowUnionTypes: true, discriminator: true });
const validators = { board: once(() => ajv.compile(boardSchema())), resource: once(() => ajv.compile(resourceSchema())) };
const lines = process.argv.slice(2).flatMap(violations);
for (const line of lines) console.log(line);
process.exitCode = lines.length ? 1 : 0;
