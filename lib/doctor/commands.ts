import { quoted } from '../shell.ts';
import { type EpochMillis, formatInstant } from '../time.ts';

/** A command as a step quotes it, to be told from the words around it. */
export function command(line: string): string {
  return `\`${line}\``;
}

/** What of a log group is to be loaded again. */
export interface Gap {
  readonly region: string;
  readonly logGroup: string;
  /** Undefined: all streams of the audit log. */
  readonly logStream?: string;
  readonly from: EpochMillis;
  readonly to: EpochMillis;
  /** A file for what cannot be read. */
  readonly rejects?: string;
}

/** `eks-whois backfill` of a gap, into the tables of that prefix. */
export function backfillOf({ region, logGroup, logStream, from, to, rejects }: Gap, prefix = '<prefix>'): string {
  const tables = prefix === '<prefix>' ? prefix : quoted(prefix);
  const stream = logStream === undefined ? '' : ` --log-stream ${quoted(logStream)}`;
  const file = rejects === undefined ? '' : ` --rejects ${quoted(rejects)}`;
  const range = `--from ${formatInstant(from)} --to ${formatInstant(to)}`;
  return command(
    `AWS_REGION=${region} eks-whois backfill --table ${tables} --log-group ${quoted(logGroup)}${stream} ${range}${file}`,
  );
}
