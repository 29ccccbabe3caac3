import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Document, isMap, type YAMLMap } from 'yaml';
import { readConfigText } from '../../lib/adapters/kubeconfig/read.ts';
import { isJsonObject, type JsonObject, present } from '../../lib/json.ts';
import { documentOf } from '../../lib/kubeconfig/document.ts';
import { KubeconfigError } from '../../lib/kubeconfig/kubeconfig-error.ts';
import { nearest } from '../../lib/nearness.ts';
import { CommandError } from '../failures/command-error.ts';
import { isRegion } from '../options/aws-options.ts';
import { readEnvironment } from '../options/environment.ts';

/** A named service of the configuration: either `api` or `table`, and how to sign in. */
export type NamedService = { readonly [Part in ServicePart]?: string };

/** The configuration file: services by name, the default service and the default cluster. */
export interface Configuration {
  readonly path: string;
  /** Whether there is a file. */
  readonly exists: boolean;
  /** The text of the file. Empty if there is no file. */
  readonly text: string;
  /** The parsed file with its comments, for changes. */
  readonly document: Document;
  readonly services: ReadonlyMap<string, NamedService>;
  readonly default?: string;
  readonly cluster?: string;
}

/**
 * Returns `$EKS_WHOIS_CONFIG`, or else a path below `$XDG_CONFIG_HOME`, or else below `~/.config` (XDG Base Directory
 * Specification).
 */
function configurationPath(): string {
  const { EKS_WHOIS_CONFIG, XDG_CONFIG_HOME } = readEnvironment();
  return EKS_WHOIS_CONFIG || join(XDG_CONFIG_HOME || join(homedir(), '.config'), 'eks-whois', 'config.yaml');
}

/**
 * Returns the configuration, empty if there is no file.
 * @throws CommandError that names the file, the key and the allowed values.
 */
export async function readConfiguration(): Promise<Configuration> {
  const path = configurationPath();
  try {
    const text = await readConfigText(path);
    return { ...configurationOf(path, text ?? ''), exists: text !== undefined };
  } catch (error) {
    if (!(error instanceof KubeconfigError)) throw error;
    throw new CommandError(error.message, 1, { cause: error });
  }
}

/** Returns the mapping under `services`, to be changed in place. Creates it if there is none. */
export function servicesNode(document: Document): YAMLMap {
  const node = document.get('services', true);
  if (isMap(node)) return node;
  const made = document.createNode({});
  made.flow = false;
  document.set('services', made);
  return made;
}

const KEYS = ['services', 'default', 'cluster'] as const;

function configurationOf(path: string, text: string): Omit<Configuration, 'exists'> {
  const document = documentOf(path, text);
  const [error] = document.errors;
  if (error !== undefined) {
    const [line = ''] = error.message.split('\n');
    throw new CommandError(`${path} cannot be read as YAML: ${line.replace(/:$/, '')}. Correct it there.`, 1);
  }
  const top = mappingOf(plainOf(path, document), { path, where: 'its top level', known: KEYS });
  const services = mappingOf(top.services, { path, where: 'services' });
  const named = Object.entries(services).map(([name, value]) => [name, serviceOf(path, name, value)] as const);
  const texts = present<{ default?: string; cluster?: string }>({
    default: textOf(path, 'default', top.default),
    cluster: textOf(path, 'cluster', top.cluster),
  });
  return { path, text, document, services: new Map(named), ...texts };
}

/**
 * Returns the document as plain values.
 * @throws CommandError for an alias without a target, or one that expands without end.
 */
function plainOf(path: string, document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    if (!(cause instanceof ReferenceError)) throw cause;
    throw new CommandError(`${path} cannot be read: ${cause.message}. Write each value out there.`, 1, { cause });
  }
}

interface Place {
  readonly path: string;
  readonly where: string;
  /** The allowed keys. Absent if the keys are names of services. */
  readonly known?: readonly string[];
}

function mappingOf(value: unknown, { path, where, known }: Place): JsonObject {
  if (value === undefined || value === '' || value === null) return {};
  if (!isJsonObject(value)) throw new CommandError(`${path}: ${where} is not a mapping. Correct it there.`, 1);
  const wrong = Object.keys(value).find((key) =>
    known === undefined ? !SERVICE_NAME.test(key) : !known.includes(key),
  );
  if (wrong === undefined) return value;
  if (known === undefined)
    throw new CommandError(
      `${path}: ${where} has the name ${wrong}, which is not valid. Use letters, digits, - _ and . only.`,
      1,
    );
  const [near] = nearest(wrong, known);
  const suggestion = near === undefined ? '' : ` Did you mean ${near}?`;
  throw new CommandError(`${path}: ${where} has an unknown key ${wrong}. Use ${known.join(', ')}.${suggestion}`, 1);
}

function serviceOf(path: string, name: string, value: unknown): NamedService {
  const where = `services.${name}`;
  const service = mappingOf(value, { path, where, known: SERVICE_PARTS });
  const texts = SERVICE_PARTS.map((part) => [part, textOf(path, `${where}.${part}`, service[part])] as const);
  for (const [part, text] of texts) {
    const flaw = text === undefined ? undefined : flawOfPart(part, text);
    if (flaw !== undefined) throw new CommandError(`${path}: ${where}.${part} ${flaw}`, 1);
  }
  const read: NamedService = present(Object.fromEntries(texts));
  if ((read.api === undefined) === (read.table === undefined))
    throw new CommandError(`${path}: ${where} needs either api or table as its address. Give one of them.`, 1);
  return read;
}

function textOf(path: string, where: string, value: unknown): string | undefined {
  if (value === undefined || value === '' || value === null) return undefined;
  if (typeof value === 'string') return value;
  throw new CommandError(`${path}: ${where} is not a text. Correct it there.`, 1);
}

/**
 * The stored parts of a service, each named like its option. Never a secret: a bearer token comes from EKS_WHOIS_TOKEN.
 */
export const SERVICE_PARTS = ['api', 'table', 'profile', 'region'] as const;
type ServicePart = (typeof SERVICE_PARTS)[number];

/** Matches names of services: words that need no quotes in YAML or in a shell. */
export const SERVICE_NAME = /^[A-Za-z0-9][\w.-]{0,62}$/;

/**
 * Returns what is wrong with the value of a part, for example `is eu-west, which is not a Region. …`. Returns undefined
 * if the value is valid. The caller puts the place of the value in front.
 */
export function flawOfPart(part: ServicePart, text: string): string | undefined {
  if (part === 'api') return flawOfApi(text);
  if (part === 'region' && !isRegion(text)) return `is ${text}, which is not a Region. Give one like eu-west-1.`;
  return /^[^\p{Cc}\p{Cf}]{1,200}$/u.test(text) ? undefined : 'takes one line of 1 to 200 characters.';
}

/**
 * Returns what is wrong with the URL. Refuses a URL with a secret, because everybody who reads the file would see it.
 */
function flawOfApi(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol))
    return `is ${text}, which is not an http or https URL. Give one like https://abc.execute-api.eu-west-1.amazonaws.com.`;
  if (`${url.username}${url.password}${url.search}${url.hash}` === '') return undefined;
  return 'has more than an address. Leave out the user, the password, and everything after ? or #. Set a bearer token in EKS_WHOIS_TOKEN.';
}

/** The cluster for questions that name none, and the setting that it came from. */
interface DefaultCluster {
  readonly cluster: string;
  readonly from: string;
}

/**
 * Returns the cluster from `EKS_WHOIS_CLUSTER`, or else from the configuration.
 * @throws CommandError if the file cannot be read.
 */
export async function defaultCluster(): Promise<DefaultCluster | undefined> {
  const variable = readEnvironment().EKS_WHOIS_CLUSTER;
  if (variable) return { cluster: variable, from: 'EKS_WHOIS_CLUSTER' };
  const { cluster, path } = await readConfiguration();
  return cluster === undefined ? undefined : { cluster, from: path };
}
