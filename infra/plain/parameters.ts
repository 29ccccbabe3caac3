import type { Chosen } from '../parameter-file/parameter-file.ts';
import type { FileValue } from '../parameter-file/text.ts';
import type { Checked } from '../parameter-kinds.ts';
import { PARAMETER_NAMES, type ParameterName, parameter, type TemplateKind } from '../parameters.ts';

/**
 * How a template, which has texts, numbers and lists of texts alone, has a parameter. `json`: the text of a JSON array, since an entry
 * may hold a comma. `commas`: a text with commas between, as functions read it. `list`: CloudFormation's own.
 */
export type Form = 'text' | 'number' | 'list' | 'json' | 'commas' | 'word' | 'flag';

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

/** As CloudFormation writes a parameter's name. */
export function plainName(name: ParameterName): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

/** A value of a parameter as a template is given it. */
export function plainValue(name: ParameterName, value: unknown): string | number {
  const form = formOf(name);
  if (form === 'json') return JSON.stringify(value);
  if (Array.isArray(value)) return value.join(',');
  return form === 'number' ? Number(value) : String(value ?? '');
}

const HINTS: Readonly<Partial<Record<Form, string>>> = {
  json: ' A JSON array of texts.',
  commas: ' With commas between.',
};

const PATTERNS: Readonly<Partial<Record<Form, string>>> = {
  json: String.raw`^(?:\[.*\]|deflate:[A-Za-z0-9+/=]+)$`,
  commas: String.raw`^[^\s]*$`,
};

/** The parameters that a template has, as it declares them. */
export function declarations(kind: TemplateKind): Readonly<Record<string, object>> {
  const names = PARAMETER_NAMES.filter((name) => parameter(name).in.includes(kind));
  return Object.fromEntries(names.map((name) => [plainName(name), declaration(name, kind)]));
}

function declaration(name: ParameterName, kind: TemplateKind): object {
  const { reads, meaning, isNeeded, defaultIn, default: otherwise } = parameter(name);
  const form = formOf(name);
  const { minimum, maximum, enum: listed, pattern } = reads.schema;
  const allowed = form === 'flag' ? ['true', 'false'] : listed?.map(String);
  const shape = PATTERNS[form] ?? (isNeeded ? pattern?.replace('^$|', '') : pattern);
  return {
    Type: form === 'number' ? 'Number' : form === 'list' ? 'CommaDelimitedList' : 'String',
    Description: `${meaning}${HINTS[form] ?? ''}`,
    ...(isNeeded ? {} : { Default: plainValue(name, defaultIn?.[kind] ?? otherwise) }),
    ...(allowed === undefined ? {} : { AllowedValues: allowed }),
    ...(shape === undefined ? {} : { AllowedPattern: shape }),
    ...(minimum === undefined ? {} : { MinValue: minimum, MaxValue: maximum }),
  };
}

/** A parameter as `aws cloudformation create-stack --parameters` and `deploy --parameter-overrides` take it from a file. */
interface GivenParameter {
  readonly ParameterKey: string;
  readonly ParameterValue: string;
}

/**
 * What a file says of a stage, for the release's templates (`hub.yaml`, and `spoke.yaml` for an ingest-only stack). Those list no clusters,
 * but find them: the listed ones are given by name, since without any the template would take all that there are.
 */
export function givenToTemplate({ stage, parameters }: Chosen): Checked<readonly GivenParameter[]> {
  const kind = parameters.stack === 'ingest-only' ? 'spoke' : 'hub';
  const found = [parameters.clusters ?? [], parameters.findClusters ?? []].flat();
  const all: Chosen['parameters'] = { ...parameters, findClusters: [...new Set(found)] };
  const given: GivenParameter[] = [{ ParameterKey: 'Prefix', ParameterValue: `eks-whois-${stage}` }];
  const problems: string[] = [];
  for (const name of PARAMETER_NAMES.filter((each) => parameter(each).in.includes(kind))) {
    const value = all[name];
    if (value === undefined) continue;
    const text = textFor(formOf(name), value);
    if (text === undefined)
      problems.push(`${name}: an entry has a comma in it, which the templates take for the next one`);
    else given.push({ ParameterKey: plainName(name), ParameterValue: text });
  }
  return problems.length === 0 ? { ok: true, value: given } : { ok: false, problems };
}

function textFor(form: Form, value: FileValue): string | undefined {
  if (typeof value === 'string') return value;
  if (form === 'json') return JSON.stringify(value);
  return value.some((entry) => entry.includes(',')) ? undefined : value.join(',');
}
