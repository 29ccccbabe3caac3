import type { Document } from 'yaml';
import { changeConfigs } from '../../lib/adapters/kubeconfig/change.ts';
import { present } from '../../lib/json.ts';
import { printKubeconfig } from '../../lib/kubeconfig/print.ts';
import { escapeForTerminal } from '../../lib/words/escape.ts';
import {
  type Configuration,
  flawOfPart,
  type NamedService,
  readConfiguration,
  SERVICE_NAME,
  SERVICE_PARTS,
  servicesNode,
} from '../access/configuration.ts';
import { noService } from '../access/service-choice.ts';
import { wrongUsage } from '../failures/command-error.ts';
import { note, reportFaults } from '../failures/faults.ts';

interface SetOptions extends NamedService {
  readonly default?: boolean;
}

/** Stores the service under the name, exactly as given. */
export function setAction(name: string, { default: isDefault, ...options }: SetOptions): Promise<void> {
  if (!SERVICE_NAME.test(name))
    throw wrongUsage(
      `${name || '""'} is not a valid name for a service. Use letters, digits, - _ and ., such as prod.`,
    );
  const service = checkedService(options);
  return change(`${name} is ${wordsOf(service)}`, ({ document }) => {
    for (const part of SERVICE_PARTS) setOrDelete(document, ['services', name, part], service[part]);
    if (isDefault === true) document.set('default', name);
    return undefined;
  });
}

/** Makes the service the default. */
export function useAction(name: string): Promise<void> {
  return change(`${name} is the default`, (configuration) => {
    if (!configuration.services.has(name))
      throw wrongUsage(`The default was not changed: ${noService(configuration, name)}`);
    configuration.document.set('default', name);
    return undefined;
  });
}

/** Removes the service. If it was the default, there is none afterwards. */
export function removeAction(name: string): Promise<void> {
  return change(`There is no service ${name}`, ({ document, services, default: byDefault }) => {
    if (services.has(name)) servicesNode(document).delete(name);
    if (byDefault !== name) return undefined;
    document.delete('default');
    return 'It was the default. Without a default, the service on this machine is queried.';
  });
}

function checkedService(options: NamedService): NamedService {
  for (const part of SERVICE_PARTS) {
    const text = options[part];
    const flaw = text === undefined ? undefined : flawOfPart(part, text);
    if (flaw !== undefined) throw wrongUsage(`--${part} ${flaw}`);
  }
  const { api, table, profile, region } = options;
  if ((api === undefined) === (table === undefined))
    throw wrongUsage(
      `The service has ${api === undefined ? 'no address' : 'two addresses'}. Give either --api with its URL, or --table with the prefix of its tables.`,
    );
  return present<NamedService>({ api, table, profile, region });
}

function wordsOf({ api, table, profile, region }: NamedService): string {
  const where = api ?? `the tables ${table ?? ''}`;
  return [where, profile && `profile ${profile}`, region].filter(Boolean).join(', ');
}

/** Sets the value, or deletes it if undefined. All else in the document keeps its place and its comments. */
function setOrDelete(document: Document, path: readonly [string, string, string], value: string | undefined): void {
  servicesNode(document);
  if (document.getIn(path) === value) return;
  if (value === undefined) document.deleteIn(path);
  else document.setIn(path, value);
}

/**
 * Changes the document, and returns a note if there is one. It can run twice, because the file is read again if it
 * changed.
 */
type Mend = (configuration: Configuration) => string | undefined;

/** Changes the file. Then writes to standard output `what` was changed, and the path of the file. */
function change(what: string, mend: Mend): Promise<void> {
  return reportFaults(async () => {
    const { path, before, after, beside } = await changeConfigs(
      () => planned(mend),
      (plan) => (plan.before === plan.after ? [] : [{ ...plan, format: 'kubeconfig' }]),
      () => true,
    );
    const message = before === after ? `${what}: nothing to change in ${path}` : `${what}: written to ${path}`;
    process.stdout.write(`${escapeForTerminal(message)}\n`);
    if (beside !== undefined) note(beside);
  });
}

interface PlannedChange {
  readonly path: string;
  readonly before: string;
  readonly after: string;
  readonly beside: string | undefined;
}

async function planned(mend: Mend): Promise<PlannedChange> {
  const configuration = await readConfiguration();
  const { path, text, document } = configuration;
  const untouched = JSON.stringify(document);
  const beside = mend(configuration);
  const isChanged = JSON.stringify(document) !== untouched;
  return { path, before: text, after: isChanged ? ended(printKubeconfig({ path, text, document })) : text, beside };
}

/** Returns the text with a line break at its end. */
function ended(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}
