import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Command, Option } from 'commander';
import type { StageSettings } from '../../infra/parameter-file/parameter-file.ts';
import type { FileValue, ParameterFile } from '../../infra/parameter-file/text.ts';
import { escapeLines } from '../../lib/words/escape.ts';
import { wrongUsage } from '../failures/command-error.ts';
import { note } from '../failures/faults.ts';
import { GROUPS, type Topic } from '../help/command-help.ts';
import { ownFile } from '../own-files.ts';

/** The parameters of a deployment that change the rules, each with the option of the same meaning. */
const RULE_OPTIONS = [
  ['usernameTemplates', '--username-template'],
  ['trustedProxies', '--trusted-proxy'],
  ['identityStores', '--identity-store'],
  ['samePerson', '--same-person'],
  ['logGroups', '--log-group'],
  ['record', '--record'],
] as const;
type RuleOption = (typeof RULE_OPTIONS)[number];

/** Returns the rules that apply to the command. The rule `record` applies only to commands that store records. */
function rulesOf({ options }: Command): readonly RuleOption[] {
  return RULE_OPTIONS.filter(([name, flag]) => name !== 'record' || options.some(({ long }) => long === flag));
}

/** Explains `--config` in the long help. */
export const CONFIG_TOPIC: Topic = {
  heading: 'Configuration file:',
  text: `
--config reads username templates, trusted proxies, identity stores, IDs of the same person and log groups from the
eks-whois.yaml that a service is deployed with. An option on the command line replaces the file's value. Without --config no file is read, because such a
file decides who is believed (docs/configure.md).`,
};

interface ConfigOptions {
  /** The path of `--config`. False after `--no-config`. */
  readonly config?: string | false;
  readonly stage?: string;
  /** The service that the command queries, or the files that it reads. */
  readonly api?: string;
  readonly table?: string;
  readonly audit?: readonly string[];
  readonly cloudtrail?: readonly string[];
}

/**
 * Adds `--config FILE` and `--stage NAME`. Before the command runs, the file's rules become the values of options that
 * are not given. A file in the current folder is not used by itself. It may have come with the evidence, and would then
 * decide which evidence counts. With `ofCheckout`, the checkout's own file counts if no other is named. Whoever can
 * write there can also change the code.
 */
export function withConfig(command: Command, { ofCheckout = false } = {}): Command {
  if (ofCheckout)
    command.addOption(new Option('--no-config', "ignore the checkout's own eks-whois.yaml").helpGroup(GROUPS.rules));
  return command
    .addOption(
      new Option('--config <file>', 'read the attribution rules from this eks-whois.yaml').helpGroup(GROUPS.rules),
    )
    .addOption(
      new Option('--stage <name>', 'use this stage of the file (default: the stage that the file names)').helpGroup(
        GROUPS.rules,
      ),
    )
    .hook('preAction', async () => {
      const { config, stage } = command.opts<ConfigOptions>();
      const path = pathOf(config, ofCheckout);
      if (path !== undefined) {
        const notice = take(command, await chosenOf(path, stage, rulesOf(command)));
        if (process.stderr.isTTY || typeof config !== 'string') note(notice);
      } else if (stage !== undefined) throw wrongUsage('--stage works only with --config. Add --config FILE.');
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
    throw wrongUsage(`--stage ${stage}: ${path} has no such stage. It has ${stages.join(', ')}.`);
  if (stage === undefined) checkUnambiguous(read.value, rules);
  return settingsOf(read.value, stage);
}

/**
 * Checks that a stage is chosen if any stage has rules of its own. A rule of one stage is wrong for another.
 * @throws CommandError that lists the stages.
 */
function checkUnambiguous({ path, stage, stages }: ParameterFile, rules: readonly RuleOption[]): void {
  if (stage !== undefined) return;
  const own = rules
    .map(([name]) => name)
    .filter((name) => [...stages.values()].some(({ parameters }) => parameters.has(name)));
  if (own.length === 0) return;
  throw wrongUsage(
    `${path} sets ${own.join(' and ')} for single stages. Choose one: --stage ${[...stages.keys()].join(' or ')}.`,
  );
}

/** Gives the command the rules of the file. Returns a sentence that lists them. */
function take(command: Command, { path, stage, parameters }: StageSettings): string {
  const taken: string[] = [];
  const left: string[] = [];
  for (const rule of rulesOf(command)) {
    const value = parameters[rule[0]];
    if (value === undefined || value.length === 0) continue;
    const isTaken = canApply(command, rule) && takeOne(command, rule, value);
    (isTaken ? taken : left).push(`${rule[0]} (${typeof value === 'string' ? value : value.length})`);
  }
  const beside = left.length === 0 ? '' : `, not ${left.join(' and ')}`;
  return `from ${path}, stage ${stage}: ${taken.join(', ') || 'nothing'}${beside}.`;
}

/** Returns whether the rule can change an answer. A service applies its own rules. Log groups matter only for files. */
function canApply(command: Command, [name]: RuleOption): boolean {
  const { api, table, audit, cloudtrail } = command.opts<ConfigOptions>();
  if (name !== 'logGroups') return api === undefined && (command.name() !== 'console' || table !== undefined);
  return command.name() === 'local' || (audit ?? cloudtrail) !== undefined;
}

/**
 * Gives the option its value from the file, unless the command line gives it. Returns whether the command has the
 * option, and the file's value counts.
 */
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
