import type { JsonObject } from '../../lib/json.ts';
import type { ValueSchema } from '../parameter-kinds.ts';
import { PARAMETER_NAMES, parameter } from '../parameters.ts';
import { PLACE_READERS, STAGE } from './text.ts';

const SCHEMA = 'http://json-schema.org/draft-07/schema#';

/**
 * Returns the JSON schema of `eks-whois.yaml`, made from the table of parameters, in the draft that editors' YAML
 * servers support. The file's reader accepts everything that fits the schema. It also accepts other spellings of YAML,
 * such as a number in quotes.
 */
export function parameterFileSchema(): JsonObject {
  const parameters = Object.fromEntries(
    PARAMETER_NAMES.map((name) => {
      const { reads, meaning, default: standard } = parameter(name);
      return [name, { ...withDescription(reads.schema, meaning), default: standard }];
    }),
  );
  const of = (names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, { $ref: `#/definitions/${name}` }]));
  return {
    $schema: SCHEMA,
    title: 'eks-whois.yaml',
    description: 'The parameters of a deployment of eks-whois. docs/configure.md says which commands read them.',
    type: 'object',
    additionalProperties: false,
    properties: { ...of(['stage', 'region']), ...of(PARAMETER_NAMES), ...of(['stages']) },
    definitions: {
      stage: withDescription(
        PLACE_READERS.stage.schema,
        'The stage, unless the command line names one. The stack is eks-whois-<stage>.',
      ),
      region: withDescription(
        PLACE_READERS.region.schema,
        'The Region of the stack, unless the command line names one.',
      ),
      stages: {
        description: 'Settings of one stage, by its name. They override the settings for all stages.',
        type: ['object', 'null'],
        propertyNames: { pattern: STAGE.source },
        additionalProperties: { $ref: '#/definitions/settings' },
      },
      settings: {
        description: 'Settings of this stage only.',
        type: ['object', 'null'],
        additionalProperties: false,
        properties: of(['region', ...PARAMETER_NAMES]),
      },
      ...parameters,
    },
  };
}

function withDescription({ description: kind, ...schema }: ValueSchema, meaning: string): JsonObject {
  return { description: kind === undefined ? meaning : `${meaning} Value: ${kind}.`, ...schema };
}
