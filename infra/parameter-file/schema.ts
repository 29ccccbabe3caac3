import type { JsonObject } from '../../lib/json.ts';
import type { ValueSchema } from '../parameter-kinds.ts';
import { PARAMETER_NAMES, parameter } from '../parameters.ts';
import { PLACE_READERS, STAGE } from './text.ts';

const SCHEMA = 'http://json-schema.org/draft-07/schema#';

/**
 * The JSON schema of `eks-whois.yaml`, in the draft that editors' YAML servers know, made of the table of parameters. What fits it
 * the file's reader takes; the reader takes more of what YAML can write otherwise, as a number in quotes.
 */
export function parameterFileSchema(): JsonObject {
  const parameters = Object.fromEntries(
    PARAMETER_NAMES.map((name) => {
      const { reads, meaning, default: otherwise } = parameter(name);
      return [name, { ...described(reads.schema, meaning), default: otherwise }];
    }),
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

function described({ description: what, ...schema }: ValueSchema, meaning: string): JsonObject {
  return { description: what === undefined ? meaning : `${meaning} Give ${what}.`, ...schema };
}
