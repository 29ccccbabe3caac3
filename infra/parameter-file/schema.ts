import { isMap, isScalar, type Pair, parse, parseDocument } from 'yaml';
import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import type { ValueSchema } from '../parameter-kinds.ts';
import { PARAMETER_NAMES, READERS } from '../parameters.ts';
import { PLACE_READERS, STAGE } from './keys.ts';

const SCHEMA = 'http://json-schema.org/draft-07/schema#';

/**
 * The JSON schema of `eks-whois.yaml`, in the draft that editors' YAML servers know, made of what reads the parameters and of
 * what `serverless.yml` says of them: its comments and its defaults. What fits it the file's reader takes; the reader takes more
 * of what YAML can write otherwise, as a number in quotes.
 */
export function parameterFileSchema(serverless: string): JsonObject {
  const meanings = meaningsIn(serverless);
  const defaults = defaultsIn(serverless);
  const parameters = Object.fromEntries(
    PARAMETER_NAMES.map((name) => [
      name,
      { ...described(READERS[name].schema, meanings.get(name)), default: defaults[name] },
    ]),
  );
  const of = (names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, { $ref: `#/definitions/${name}` }]));
  return {
    $schema: SCHEMA,
    title: 'eks-whois.yaml',
    description: 'What eks-whois is deployed with, and goes by on one machine. docs/configure.md says who reads it.',
    type: 'object',
    additionalProperties: false,
    properties: { ...of(['stage', 'region']), ...of(PARAMETER_NAMES), ...of(['stages']) },
    definitions: {
      stage: described(
        PLACE_READERS.stage.schema,
        'The stage that is meant where the command line names none; the stack is eks-whois-<stage>.',
      ),
      region: described(PLACE_READERS.region.schema, 'The Region of the stack, where the command line names none.'),
      stages: {
        description: 'What counts for one stage, by its name, before what counts for all of them.',
        type: ['object', 'null'],
        propertyNames: { pattern: STAGE.source },
        additionalProperties: { $ref: '#/definitions/settings' },
      },
      settings: {
        description: 'What counts for this stage alone.',
        type: ['object', 'null'],
        additionalProperties: false,
        properties: of(['region', ...PARAMETER_NAMES]),
      },
      ...parameters,
    },
  };
}

function described({ description: what, ...schema }: ValueSchema, meaning: string | undefined): JsonObject {
  const sentences = [meaning, what === undefined ? undefined : `Give ${what}.`].filter((each) => each !== undefined);
  return { description: sentences.join(' '), ...schema };
}

/** `params.default` of `serverless.yml`. */
export function defaultsIn(serverless: string): JsonObject {
  const { params }: { params?: unknown } = parse(serverless) ?? {};
  const defaults = isJsonObject(params) ? params.default : undefined;
  return isJsonObject(defaults) ? defaults : {};
}

/** The comment above each parameter; one without a comment shares that of the one before. */
function meaningsIn(serverless: string): ReadonlyMap<string, string> {
  const defaults = parseDocument(serverless).getIn(['params', 'default'], true);
  const meanings = new Map<string, string>();
  if (!isMap(defaults)) return meanings;
  let last = oneLine(defaults.commentBefore);
  for (const { key } of defaults.items as Pair[]) {
    if (!isScalar(key)) continue;
    last = oneLine(key.commentBefore) ?? last;
    if (last !== undefined) meanings.set(String(key.value), last);
  }
  return meanings;
}

function oneLine(comment: string | null | undefined): string | undefined {
  if (!comment) return undefined;
  return comment
    .split('\n')
    .map((line) => line.trim())
    .join(' ')
    .trim();
}
