import type { StageSettings } from '../parameter-file/parameter-file.ts';
import type { FileValue } from '../parameter-file/text.ts';
import type { ReadResult } from '../parameter-kinds.ts';
import { PARAMETER_NAMES, type ParameterName, parameter, type TemplateKind } from '../parameters.ts';

/**
 * The form of a parameter in a template, which has only texts, numbers and lists of texts. `json`: the text of a JSON
 * array, because an entry may contain a comma. `commas`: a text with commas between the entries, as functions read it.
 * `list`: CloudFormation's own list.
 */
export type Form = 'text' | 'number' | 'list' | 'json' | 'commas' | 'word' | 'flag';

/** Returns the form that the parameter has in a template. */
export function formOf(name: ParameterName): Form {
  const { reads, variable } = parameter(name);
  const { type, enum: listed } = reads.schema;
  if (listed !== undefined) return 'word';
  if (type === 'integer') return 'number';
  if (type === 'boolean') return 'flag';
  if (type !== 'array') return 'text';
  if (reads.hasCommas === true) return 'json';
  return variable === undefined ? 'list' : 'commas';
}

/** Returns the parameter's name in a template, which begins with a capital letter. */
export function plainName(name: ParameterName): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

/** Returns a parameter's value as a template takes it. */
export function plainValue(name: ParameterName, value: unknown): string | number {
  const form = formOf(name);
  if (form === 'json') return JSON.stringify(value);
  if (Array.isArray(value)) return value.join(',');
  return form === 'number' ? Number(value) : String(value ?? '');
}

const HINTS: Readonly<Partial<Record<Form, string>>> = {
  json: ' A JSON array of strings.',
  commas: ' Separate entries with commas.',
};

const PATTERNS: Readonly<Partial<Record<Form, string>>> = {
  json: String.raw`^(?:\[.*\]|deflate:[A-Za-z0-9+/=]+)$`,
  commas: String.raw`^[^\s]*$`,
};

/** Returns the declarations of a template's parameters, by name. */
export function declarations(kind: TemplateKind): Readonly<Record<string, object>> {
  const names = PARAMETER_NAMES.filter((name) => parameter(name).in.includes(kind));
  return Object.fromEntries(names.map((name) => [plainName(name), declaration(name, kind)]));
}

function declaration(name: ParameterName, kind: TemplateKind): object {
  const { reads, meaning, isNeeded, defaultIn, default: standard } = parameter(name);
  const form = formOf(name);
  const { minimum, maximum, enum: listed, pattern } = reads.schema;
  const allowed = form === 'flag' ? ['true', 'false'] : listed?.map(String);
  const shape = PATTERNS[form] ?? (isNeeded ? pattern?.replace('^$|', '') : pattern);
  return {
    Type: form === 'number' ? 'Number' : form === 'list' ? 'CommaDelimitedList' : 'String',
    Description: `${meaning}${HINTS[form] ?? ''}`,
    ...(isNeeded ? {} : { Default: plainValue(name, defaultIn?.[kind] ?? standard) }),
    ...(allowed === undefined ? {} : { AllowedValues: allowed }),
    ...(shape === undefined ? {} : { AllowedPattern: shape }),
    ...(minimum === undefined ? {} : { MinValue: minimum, MaxValue: maximum }),
  };
}

/**
 * A parameter in the format of `aws cloudformation create-stack --parameters file://…` and
 * `deploy --parameter-overrides file://…`.
 */
interface TemplateParameter {
  readonly ParameterKey: string;
  readonly ParameterValue: string;
}

/**
 * Returns a stage's settings as parameters of the release's templates (`hub.yaml`, or `spoke.yaml` for an ingest-only
 * stack), or the problems. These templates find clusters instead of listing them. Listed clusters are passed as names
 * to find, because without any name the template would find all clusters.
 */
export function givenToTemplate({ stage, parameters }: StageSettings): ReadResult<readonly TemplateParameter[]> {
  const kind = parameters.stack === 'ingest-only' ? 'spoke' : 'hub';
  const found = [parameters.clusters ?? [], parameters.findClusters ?? []].flat();
  const all: StageSettings['parameters'] = { ...parameters, findClusters: [...new Set(found)] };
  const given: TemplateParameter[] = [{ ParameterKey: 'Prefix', ParameterValue: `eks-whois-${stage}` }];
  const problems: string[] = [];
  for (const name of PARAMETER_NAMES.filter((each) => parameter(each).in.includes(kind))) {
    const value = all[name];
    if (value === undefined) continue;
    const text = textFor(formOf(name), value);
    if (text === undefined)
      problems.push(
        `${name}: an entry contains a comma, which the templates read as a separator. Use entries without commas.`,
      );
    else given.push({ ParameterKey: plainName(name), ParameterValue: text });
  }
  return problems.length === 0 ? { ok: true, value: given } : { ok: false, problems };
}

function textFor(form: Form, value: FileValue): string | undefined {
  if (typeof value === 'string') return value;
  if (form === 'json') return JSON.stringify(value);
  return value.some((entry) => entry.includes(',')) ? undefined : value.join(',');
}
