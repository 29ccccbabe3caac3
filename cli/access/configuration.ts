import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Document, isMap, type YAMLMap } from 'yaml';
import { readConfigText } from '../../lib/adapters/kubeconfig/read.ts';
import { isJsonObject, type JsonObject, present } from '../../lib/json.ts';
import { documentOf } from '../../lib/kubeconfig/document.ts';
import { KubeconfigError } from '../../lib/kubeconfig/kubeconfig-error.ts';
import { nearest } from '../../lib/nearness.ts';
import { CommandError } from '../failures/command-error.ts';
import { readEnvironment } from '../options/environment.ts';
import { flawOfPart, SERVICE_NAME, SERVICE_PARTS, type ServicePart } from './service-parts.ts';

/** A service as the configuration has it under its name: one of `api` and `table`, and as whom it is asked. */
export type NamedService = { readonly [Part in ServicePart]?: string };

/** The configuration file: services by name, the one that is asked by default, and the cluster that is meant by default. */
export interface Configuration {
  readonly path: string;
  /** The file as it was read; empty where there is none. */
  readonly text: string;
  /** With its comments, for a change. */
  readonly document: Document;
  readonly services: ReadonlyMap<string, NamedService>;
  readonly default?: string;
  readonly cluster?: string;
}

/** `$EKS_WHOIS_CONFIG`, else below `$XDG_CONFIG_HOME`, else below `~/.config` (XDG Base Directory Specification). */
export function configurationPath(): string {
  const { EKS_WHOIS_CONFIG, XDG_CONFIG_HOME } = readEnvironment();
  return EKS_WHOIS_CONFIG || join(XDG_CONFIG_HOME || join(homedir(), '.config'), 'eks-whois', 'config.yaml');
}

/** The configuration; an empty one where there is no file. @throws CommandError saying which file, which key, and what is known. */
export async function readConfiguration(): Promise<Configuration> {
  const path = configurationPath();
  try {
    const text = (await readConfigText(path)) ?? '';
    return configurationOf(path, text, documentOf(path, text));
  } catch (error) {
    if (!(error instanceof KubeconfigError)) throw error;
    throw new CommandError(error.message, 1, { cause: error });
  }
}

/** The mapping under `services`, made where there is none: to be changed in place. */
export function servicesNode(document: Document): YAMLMap {
  const node = document.get('services', true);
  if (isMap(node)) return node;
  const made = document.createNode({});
  made.flow = false;
  document.set('services', made);
  return made;
}

const KEYS = ['services', 'default', 'cluster'] as const;

function configurationOf(path: string, text: string, document: Document): Configuration {
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

/** An alias that leads nowhere, or to ever more, has no plain value. */
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
  /** The keys that there may be; where it is left out, any name of a service. */
  readonly known?: readonly string[];
}

function mappingOf(value: unknown, { path, where, known }: Place): JsonObject {
  if (value === undefined || value === '' || value === null) return {};
  if (!isJsonObject(value)) throw new CommandError(`${path}: ${where} is no mapping. Correct it there.`, 1);
  const wrong = Object.keys(value).find((key) =>
    known === undefined ? !SERVICE_NAME.test(key) : !known.includes(key),
  );
  if (wrong === undefined) return value;
  if (known === undefined)
    throw new CommandError(`${path}: ${where} has the name ${wrong}: names have letters, digits, - _ and . only.`, 1);
  const [near] = nearest(wrong, known);
  const meant = near === undefined ? '' : ` Did you mean ${near}?`;
  throw new CommandError(`${path}: ${where} has the key ${wrong}; known are ${known.join(', ')}.${meant}`, 1);
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
    throw new CommandError(`${path}: ${where} needs one of api and table, which say where it is.`, 1);
  return read;
}

function textOf(path: string, where: string, value: unknown): string | undefined {
  if (value === undefined || value === '' || value === null) return undefined;
  if (typeof value === 'string') return value;
  throw new CommandError(`${path}: ${where} is no text. Correct it there.`, 1);
}
