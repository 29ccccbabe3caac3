import { isJsonObject, type JsonObject, objectAt } from '../lib/json.ts';
import { nearest } from '../lib/nearness.ts';
import { alarmResources } from './alarms.ts';
import { alertResources } from './alerts.ts';
import { apiResources, domainResources } from './api.ts';
import type { Resources, Value } from './cloudformation.ts';
import { dashboardResources } from './dashboard.ts';
import { type Deployment, deployment } from './deployment.ts';
import { spokeBusResources, stsRuleResources } from './event-buses.ts';
import { fleetAlarmResources } from './fleet-alarms.ts';
import { type FunctionDefinition, functionDefinitions, triggerResources } from './functions.ts';
import { parametersToStore } from './kept-parameters.ts';
import { logGroupExtensions } from './log-groups.ts';
import { type OfflineFunction, offlineFunctions } from './offline.ts';
import { outputsOf } from './outputs.ts';
import { placeIn, readParameterFile, settingsOf } from './parameter-file/parameter-file.ts';
import type { ParameterFile } from './parameter-file/text.ts';
import { PARAMETER_NAMES, readParameters } from './parameters.ts';
import { queueResources } from './queues.ts';
import { analystResources, roleResources } from './roles.ts';
import { clusterFindingResources, subscriptionResources } from './subscriptions.ts';
import { tableResources } from './tables.ts';

/** The part of serverless.yml that is generated, because YAML cannot loop. */
export interface Stack {
  readonly functions: Readonly<Record<string, FunctionDefinition | OfflineFunction>>;
  /** The retention of log groups, in days. */
  readonly logDays: number;
  readonly resources: {
    readonly Resources: Resources;
    readonly Outputs: ReturnType<typeof outputsOf>;
    readonly extensions: Readonly<Record<string, object>>;
    /** The parameters. CloudFormation only stores them, and the check before the next deployment reads them. */
    readonly Metadata: { readonly Parameters: Readonly<Record<string, Value>> };
  };
}

/** The sources that osls passes to a file that serverless.yml includes. */
export interface OslsSources {
  /** Returns the value of a variable of serverless.yml, such as `param:clusters`. */
  resolveVariable(variable: string): Promise<unknown>;
  /** Returns a part of serverless.yml itself, by its path. */
  resolveConfigurationProperty(path: readonly string[]): Promise<unknown>;
  /** The options of the command line; `param` as typed. */
  readonly options: { readonly param?: readonly string[] | undefined };
}

/**
 * Reads the parameters from the command line, the file and serverless.yml, and returns the stack.
 * @throws Error with every wrong parameter, without a stack trace.
 */
export async function readStack(sources: OslsSources): Promise<Stack> {
  const [service, stage] = await Promise.all(['self:service', 'sls:stage'].map(sources.resolveVariable));
  const file = await fileInUse();
  const given = await givenParameters(sources, String(stage), file);
  const read = readParameters(given);
  const unfit = read.ok ? [] : read.problems.map((problem) => withPlace(problem, String(stage), file));
  const problems = [...wrongNames(Object.keys(given)), ...unfit];
  if (!read.ok || problems.length > 0) throw wrongParameters(problems);
  const of = deployment(String(service), String(stage), read.value);
  return process.env.EKS_WHOIS_OFFLINE === undefined
    ? stackOf(of)
    : { ...stackOf(of), functions: offlineFunctions(of) };
}

/**
 * Reads the `eks-whois.yaml` that `npm run deploy` found. `npm start` does not use it here, because its functions get
 * no parameters of a deployment.
 */
async function fileInUse(): Promise<ParameterFile | undefined> {
  const { EKS_WHOIS_PARAMETER_FILE: path, EKS_WHOIS_OFFLINE: offline } = process.env;
  if (!path || offline !== undefined) return undefined;
  const read = await readParameterFile(path);
  if (!read.ok) throw wrongParameters(read.problems);
  return read.value;
}

/**
 * Returns the parameters as given: the command line overrides the file, which overrides `params.<stage>` and
 * `params.default` of `serverless.yml`.
 */
async function givenParameters(
  { resolveConfigurationProperty, options }: OslsSources,
  stage: string,
  file: ParameterFile | undefined,
): Promise<JsonObject> {
  const params = await resolveConfigurationProperty(['params']);
  const paramsOf = (of: string) =>
    Object.entries((isJsonObject(params) && objectAt(params, of)) || {}).filter(([, value]) => value !== null);
  const ofFile = Object.entries(file === undefined ? {} : settingsOf(file, stage).parameters);
  const typed = (options.param ?? []).map((text): [string, unknown] => {
    const at = text.indexOf('=');
    if (at < 1) throw wrongParameters([`--param ${text}: the name or the equals sign is missing. Write key=value.`]);
    return [text.slice(0, at), text.slice(at + 1)];
  });
  return Object.fromEntries([...paramsOf('default'), ...paramsOf(stage), ...ofFile, ...typed]);
}

/**
 * Returns a problem for each unknown name. osls accepts any name. A `cluster` instead of `clusters` would deploy a hub
 * without subscriptions.
 */
export function wrongNames(names: readonly string[]): string[] {
  const unknown = names.filter((name) => !PARAMETER_NAMES.some((known) => known === name));
  return unknown.map((name) => {
    const [near] = nearest(name, PARAMETER_NAMES);
    const advice = near === undefined ? `Use one of ${PARAMETER_NAMES.join(', ')}.` : `Did you mean ${near}?`;
    return `${name}: unknown parameter. ${advice}`;
  });
}

function withPlace(problem: string, stage: string, file: ParameterFile | undefined): string {
  const place = file && placeIn(file, stage, problem);
  return place === undefined || place === file?.path ? problem : `${problem} (${place})`;
}

/** Returns an error without a stack trace, which osls would print. A mistyped parameter needs none. */
function wrongParameters(problems: readonly string[]): Error {
  const error = new Error(`The parameters cannot be deployed:\n  ${problems.join('\n  ')}`);
  delete error.stack;
  return error;
}

/** Returns the stack of a deployment. */
export function stackOf(of: Deployment): Stack {
  return {
    functions: functionDefinitions(of),
    logDays: of.logDays,
    resources: {
      Resources: resourcesOf(of),
      Outputs: outputsOf(of),
      extensions: logGroupExtensions(of),
      Metadata: { Parameters: parametersToStore(of) },
    },
  };
}

function resourcesOf(of: Deployment): Resources {
  const alarms = alarmResources(of);
  return {
    ...triggerResources(of),
    ...apiResources(of),
    ...tableResources(of),
    ...queueResources(of),
    ...roleResources(of),
    ...subscriptionResources(of),
    ...clusterFindingResources(of),
    ...stsRuleResources(of),
    ...spokeBusResources(of),
    ...alertResources(of),
    ...analystResources(of),
    ...domainResources(of),
    ...alarms,
    ...fleetAlarmResources(of, Object.keys(alarms)),
    ...dashboardResources(of),
  };
}
