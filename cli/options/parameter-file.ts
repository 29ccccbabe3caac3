import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import type { StageSettings } from '../../infra/parameter-file/parameter-file.ts';
import type { FileValue, ParameterFile } from '../../infra/parameter-file/text.ts';
import { escapeLines } from '../../lib/words/escape.ts';
import { wrongUsage } from '../failures/command-error.ts';
import { note } from '../failures/faults.ts';
import { ownFile } from '../own-files.ts';

/** What a service is told of the rules, and the options of the same meaning. */
const RULE_OPTIONS = [
  ['usernameTemplates', '--username-template'],
  ['trustedProxies', '--trusted-proxy'],
  ['identityStores', '--identity-store'],
  ['logGroups', '--log-group'],
  ['record', '--record'],
] as const;
type RuleOption = (typeof RULE_OPTIONS)[number];

/** `record` says nothing to a command that stores no records. */
function rulesOf({ options }: Command): readonly RuleOption[] {
  return RULE_OPTIONS.filter(([name, flag]) => name !== 'record' || options.some(({ long }) => long === flag));
}

/** For `--help`, wherever the option is. */
export const CONFIG_HELP = `
--config takes username templates, trusted proxies, identity stores and log groups from the eks-whois.yaml that a service is
deployed with, each where no option of that meaning is given. No such file is looked for: it says who is believed
(docs/configure.md).`;

interface ConfigOptions {
  /** False after `--no-config`. */
  readonly config?: string | false;
  readonly stage?: string;
  /** Whom the command asks, or what it reads. */
  readonly api?: string;
  readonly table?: string;
  readonly audit?: readonly string[];
  readonly cloudtrail?: readonly string[];
}

/**
 * `--config FILE` and `--stage NAME`: before the command does its work, what the file says of the rules takes the place of the options
 * that are not given, as if they were. A file in the folder where somebody happens to be is not looked for: it may have come with
 * the evidence, and would choose who is believed. `ofCheckout`: that of the checkout counts where none is named, since whoever
 * writes there could change the rules themselves.
 */
export function takingConfig(command: Command, { ofCheckout = false } = {}): Command {
  if (ofCheckout) command.option('--no-config', "leave the checkout's own eks-whois.yaml out");
  return command
    .option(
      '--config <file>',
      'take username templates, trusted proxies, identity stores and log groups from this eks-whois.yaml',
    )
    .option('--stage <name>', 'of that file: which stage (default: the one that it names)')
    .hook('preAction', async () => {
      const { config, stage } = command.opts<ConfigOptions>();
      const path = pathOf(config, ofCheckout);
      if (path !== undefined) {
        const said = take(command, await chosenOf(path, stage, rulesOf(command)));
        if (process.stderr.isTTY || typeof config !== 'string') note(said);
      } else if (stage !== undefined) throw wrongUsage('--stage says which stage of --config is meant: give that too.');
    });
}

function pathOf(config: ConfigOptions['config'], ofCheckout: boolean): string | undefined {
  if (typeof config === 'string') return config;
  const own = fileURLToPath(ownFile('eks-whois.yaml'));
  return ofCheckout && config !== false && existsSync(own) ? own : undefined;
}

async function chosenOf(path: string, stage: string | undefined, rules: readonly RuleOption[]): Promise<StageSettings> {
  const [{ readParameterFile }, { settingsOf, stagesOf }] = await Promise.all([
    import('../../infra/parameter-file/parameter-file.ts'),
    import('../../infra/parameter-file/parameter-file.ts'),
  ]);
  const read = await readParameterFile(path);
  if (!read.ok) throw wrongUsage(escapeLines(read.problems.join('\n')));
  const stages = stagesOf(read.value);
  if (stage !== undefined && !stages.includes(stage))
    throw wrongUsage(`--stage: ${path} says nothing of ${stage}; there are ${stages.join(', ')}.`);
  if (stage === undefined) checkUnambiguous(read.value, rules);
  return settingsOf(read.value, stage);
}

/** Rules of one stage are no other's. */
function checkUnambiguous({ path, stage, stages }: ParameterFile, rules: readonly RuleOption[]): void {
  if (stage !== undefined) return;
  const own = rules
    .map(([name]) => name)
    .filter((name) => [...stages.values()].some(({ parameters }) => parameters.has(name)));
  if (own.length === 0) return;
  throw wrongUsage(
    `${path} has ${own.join(' and ')} for single stages: say which is meant, --stage ${[...stages.keys()].join(' or ')}.`,
  );
}

/** Answers with what was taken, in a sentence. */
function take(command: Command, { path, stage, parameters }: StageSettings): string {
  const taken: string[] = [];
  const left: string[] = [];
  for (const rule of rulesOf(command)) {
    const value = parameters[rule[0]];
    if (value === undefined || value.length === 0) continue;
    const isTaken = isMeant(command, rule) && takeOne(command, rule, value);
    (isTaken ? taken : left).push(`${rule[0]} (${typeof value === 'string' ? value : value.length})`);
  }
  const beside = left.length === 0 ? '' : `, not ${left.join(' and ')}`;
  return `from ${path}, stage ${stage}: ${taken.join(', ') || 'nothing'}${beside}.`;
}

/** A service goes by rules of its own, as does the one on this machine, and log groups count in files. */
function isMeant(command: Command, [name]: RuleOption): boolean {
  const { api, table, audit, cloudtrail } = command.opts<ConfigOptions>();
  if (name !== 'logGroups') return api === undefined && (command.name() !== 'console' || table !== undefined);
  return command.name() === 'local' || (audit ?? cloudtrail) !== undefined;
}

/** Whether the command has the option, and nobody gave it. A group to read from (`backfill`) is none of these. */
function takeOne(command: Command, [, flag]: RuleOption, value: FileValue): boolean {
  const option = command.options.find(({ long }) => long === flag);
  if (option === undefined) return false;
  const name = option.attributeName();
  if (typeof value === 'string') return takeText(command, name, value);
  const given: readonly string[] = command.getOptionValue(name) ?? [];
  const others = flag === '--log-group' ? given.filter((text) => !text.includes('=')) : [];
  if (given.length > others.length) return false;
  command.setOptionValueWithSource(name, [...others, ...value], 'config');
  return true;
}

function takeText(command: Command, name: string, text: string): boolean {
  if (command.getOptionValueSource(name) !== 'default') return false;
  command.setOptionValueWithSource(name, text, 'config');
  return true;
}
