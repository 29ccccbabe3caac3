import { type Command, Option } from 'commander';
import { wrongUsage } from '../failures/command-error.ts';
import { GROUPS, type Topic } from '../help/command-help.ts';
import { clusterArnOption, type KnownClusterOptions } from './known-cluster.ts';
import { logGroupOption } from './log-groups.ts';
import { withConfig } from './parameter-file.ts';
import { type RuleOptions, withRules } from './rule-options.ts';
import { requestPayerOption } from './s3-options.ts';
import { type VerboseOptions, verboseOption } from './verbose-option.ts';

/** The options of a command that can search files instead of a service. */
export interface FilesOptions extends RuleOptions, KnownClusterOptions, VerboseOptions {
  readonly audit?: readonly string[];
  readonly cloudtrail?: readonly string[];
  readonly logGroup: readonly string[];
  readonly requestPayer?: boolean;
}

/** The options that have no effect without `--audit`. */
const ONLY_FILES = {
  cloudtrail: '--cloudtrail',
  clusterName: '--cluster-name',
  clusterArn: '--cluster-arn',
  requestPayer: '--request-payer',
} as const satisfies { readonly [Name in keyof FilesOptions]?: string };

/** Adds the options that search files instead of a service, with the rules by which their events are attributed. */
export function withFiles(command: Command): Command {
  const options = [
    new Option('--audit <path...>', 'search audit logs in files, with --cloudtrail'),
    new Option('--cloudtrail <path...>', 'with --audit: CloudTrail records in files'),
    new Option('--cluster-name <name>', 'with --audit: the cluster of audit events that name none'),
    clusterArnOption(),
  ];
  for (const option of options) command.addOption(option.helpGroup(GROUPS.input));
  return withConfig(
    withRules(command).addOption(logGroupOption()).addOption(requestPayerOption()).addOption(verboseOption()),
  );
}

/** Returns whether the options choose files. */
export function asksFiles({ audit }: Pick<FilesOptions, 'audit'>): boolean {
  return audit !== undefined;
}

/**
 * Checks that the options for files are given together.
 * @throws CommandError that names what is missing.
 */
export function checkFiles(options: FilesOptions & { readonly api?: string; readonly table?: string }): void {
  if (!asksFiles(options)) {
    const [, alone] = Object.entries(ONLY_FILES).find(([name]) => name in options) ?? [];
    if (alone !== undefined) throw wrongUsage(`${alone} works only with --audit. Add --audit PATH.`);
    return;
  }
  if (options.cloudtrail === undefined)
    throw wrongUsage('--audit needs --cloudtrail: the grants there identify the actors. Add --cloudtrail PATH.');
  if (options.api !== undefined || options.table !== undefined)
    throw wrongUsage('Give --audit, or one of --api and --table, not both.');
}

/** Explains in the long help how files are searched. */
export const FILES_TOPIC: Topic = {
  heading: 'Files:',
  text: `
With --audit and --cloudtrail, files are searched instead of a service: files, folders, s3://bucket/prefix, or - for standard input.
The filters mean the same, and the records are sorted by time over all files. All records are kept in memory. For whole exports, use
eks-whois attribute: it writes record by record. EKS_WHOIS_CLUSTER and the configuration's cluster do not apply to files.`,
};
