import type { Command } from 'commander';
import { nearest } from '../../lib/nearness.ts';
import { wrongUsage } from '../failures/command-error.ts';
import { note } from '../failures/faults.ts';
import { readEnvironment } from '../options/environment.ts';
import { type Configuration, readConfiguration, SERVICE_PARTS } from './configuration.ts';
import type { ServiceOptions } from './service-access.ts';

/** The options that choose a service. */
export interface ServiceQuestion extends Pick<ServiceOptions, 'api' | 'table'> {
  /** A name in the configuration file. */
  readonly service?: string;
}

/** A service that `--api` and `--table` did not name, and the setting that did. */
export interface ChosenService extends ServiceOptions {
  readonly serviceFrom: string;
}

/**
 * Returns the service if the command line has neither `--api` nor `--table`. The first of these counts: `--service`,
 * then `EKS_WHOIS_API` or `EKS_WHOIS_TABLE`, then the configuration's default. Undefined if none is set. If no option
 * names the service and standard error is a terminal, writes a note with its name.
 * @throws CommandError if two services are named, if the name is unknown, or if the file cannot be read.
 */
export async function chosenService({ api, table, service }: ServiceQuestion): Promise<ChosenService | undefined> {
  if ((api ?? table) !== undefined) {
    if (service === undefined) return undefined;
    throw wrongUsage('--service, --api and --table exclude each other. Give one of them.');
  }
  if (service !== undefined) return namedService(await readConfiguration(), service);
  const chosen = serviceOfEnvironment() ?? defaultService(await readConfiguration());
  if (chosen !== undefined && process.stderr.isTTY) note(noticeOf(chosen));
  return chosen;
}

function noticeOf({ api, table = '', serviceFrom }: ChosenService): string {
  return `Querying ${api ?? `the tables ${table}`} (${serviceFrom}).`;
}

function serviceOfEnvironment(): ChosenService | undefined {
  const { EKS_WHOIS_API: api, EKS_WHOIS_TABLE: table } = readEnvironment();
  if (api && table)
    throw wrongUsage(
      'EKS_WHOIS_API and EKS_WHOIS_TABLE are both set, and name two services. Unset one, or give --service, --api or --table.',
    );
  if (api) return { api, serviceFrom: 'EKS_WHOIS_API' };
  return table ? { table, serviceFrom: 'EKS_WHOIS_TABLE' } : undefined;
}

function defaultService(configuration: Configuration): ChosenService | undefined {
  return configuration.default === undefined
    ? undefined
    : namedService(configuration, configuration.default, 'default');
}

function namedService(configuration: Configuration, name: string, from?: 'default'): ChosenService {
  const { path, services } = configuration;
  const service = services.get(name);
  if (service !== undefined) return { ...service, serviceFrom: `${from ?? 'service'} ${name} of ${path}` };
  throw wrongUsage(
    `${from === undefined ? `--service cannot be ${name}` : `default in ${path}`}: ${noService(configuration, name)}`,
  );
}

/** Returns a sentence that the service does not exist, with similar names and what to do. */
export function noService({ path, exists, services }: Configuration, name: string): string {
  const names = [...services.keys()];
  if (names.length === 0) {
    const what = exists ? 'has no services' : 'does not exist';
    return `${path} ${what}, so no service is named ${name}. Add it with eks-whois configure set ${name}, and --api URL or --table PREFIX.`;
  }
  const near = nearest(name, names);
  const suggestion = near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `It has ${names.join(', ')}.`;
  return `there is no service ${name} in ${path}. ${suggestion}`;
}

/**
 * Sets the chosen service (`chosenService`) in the options before the command runs. Also sets its profile and Region,
 * unless the command line gives them. If `unless` returns true, the command needs no service, and only `--service`
 * counts.
 */
export function withServiceChoice<Options extends ServiceQuestion>(
  command: Command,
  unless: (options: Options) => boolean = () => false,
): Command {
  return command.hook('preAction', async () => {
    const options = command.opts<Options>();
    if (options.service === undefined && unless(options)) return;
    const chosen = await chosenService(options);
    if (chosen === undefined) return;
    for (const name of [...SERVICE_PARTS, 'serviceFrom'] as const) setUnlessGiven(command, name, chosen[name]);
  });
}

function setUnlessGiven(command: Command, name: string, value: string | undefined): void {
  if (value === undefined || command.getOptionValue(name) !== undefined) return;
  const isVariadic = command.options.some((option) => option.attributeName() === name && option.variadic);
  command.setOptionValueWithSource(name, isVariadic ? [value] : value, 'config');
}
