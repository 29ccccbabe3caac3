import { escapeForTerminal, plainJson } from '../../lib/words/escape.ts';
import { type NamedService, readConfiguration } from '../access/configuration.ts';
import { note } from '../failures/faults.ts';
import { readEnvironment } from '../options/environment.ts';
import type { OutputOptions } from '../options/output-options.ts';
import { printed } from '../terminal/text-output.ts';
import { textTable } from '../terminal/text-table.ts';

type ListFormat = 'table' | 'jsonl' | 'names';

interface ListedService extends NamedService {
  readonly name: string;
  readonly default: boolean;
}

/** Writes the services of the configuration, and notes which environment variables override it. */
export async function listAction({ format = 'table', outputFile }: Partial<OutputOptions<ListFormat>>): Promise<void> {
  const { path, services, default: byDefault, cluster } = await readConfiguration();
  const listed = [...services].map(([name, service]) => ({ name, default: name === byDefault, ...service }));
  await printed(listed.length === 0 ? '' : WRITERS[format](listed), outputFile);
  if (listed.length === 0) note(`There is no service in ${path}. Add one with eks-whois configure set.`);
  if (byDefault !== undefined && !services.has(byDefault))
    note(
      `The default in ${path} is ${byDefault}, and there is no such service. Choose another with eks-whois configure use.`,
    );
  if (cluster !== undefined) note(`Without --cluster, records shows cluster ${cluster}.`);
  for (const [name, value] of Object.entries(readSettings())) if (value) note(`${name}=${value} overrides the file.`);
}

function readSettings() {
  const { EKS_WHOIS_API, EKS_WHOIS_TABLE, EKS_WHOIS_CLUSTER } = readEnvironment();
  return { EKS_WHOIS_API, EKS_WHOIS_TABLE, EKS_WHOIS_CLUSTER };
}

const WRITERS: Readonly<Record<ListFormat, (services: readonly ListedService[]) => string>> = {
  table: (services) =>
    textTable(
      ['DEFAULT', 'NAME', 'API', 'TABLE', 'PROFILE', 'REGION'],
      services.map(({ name, default: isDefault, api, table, profile, region }) => [
        isDefault ? '*' : '',
        name,
        ...[api, table, profile, region].map((part) => part ?? ''),
      ]),
    ),
  jsonl: (services) => services.map((service) => `${plainJson(service)}\n`).join(''),
  names: (services) => services.map(({ name }) => `${escapeForTerminal(name)}\n`).join(''),
};
