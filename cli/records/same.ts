import { type Command, Option } from 'commander';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import { roleOfRecord } from '../../lib/attribution/role-of-record.ts';
import { formatInstant, parseInstant, spanAround } from '../../lib/time.ts';
import { CommandError, wrongUsage } from '../failures/command-error.ts';
import { note } from '../failures/faults.ts';
import { sharedRequests } from '../format/shared-id-text.ts';
import { GROUPS } from '../help/command-help.ts';
import type { RangeOptions } from '../options/time-range.ts';
import { DEFAULT_WINDOW, windowOf } from '../options/window.ts';

/** Something that two requests have in common: the role or the source IP. */
interface Sameness {
  readonly option: '--same-role' | '--same-ip';
  /** The option that searches for it. */
  readonly asks: 'role' | 'ip';
  readonly word: string;
  of(record: AuditRecord): string | undefined;
}

const ROLE: Sameness = {
  option: '--same-role',
  asks: 'role',
  word: 'role',
  of: (record) => roleOfRecord(record)?.roleId ?? roleOfRecord(record)?.arns[0],
};
/** The source IP: the last one, because the client can write the others (FACTS). */
const ADDRESS: Sameness = {
  option: '--same-ip',
  asks: 'ip',
  word: 'source IP',
  of: ({ source }) => source?.ips?.at(-1),
};

/** The options for requests that are similar to one request, for the service and for files. */
export interface SameOptions extends RangeOptions {
  /** The audit ID of the request whose role or source IP is searched. */
  readonly sameRole?: string;
  readonly sameIp?: string;
  /** The milliseconds before and after that request. */
  readonly window?: number;
  readonly role?: readonly string[];
  readonly ip?: readonly string[];
  readonly follow?: boolean;
}

/** Adds `--same-role`, `--same-ip` and `--window`. */
export function withSameness(command: Command): Command {
  const options = [
    new Option('--same-role <audit-id>', 'who else used the role of this request, within --window of it'),
    new Option('--same-ip <audit-id>', 'what else came from the source IP of this request, within --window of it'),
    new Option('--window <duration>', 'time before and after that request (default: 2h)').argParser(windowOf),
  ];
  for (const option of options) command.addOption(option.helpGroup(GROUPS.filters));
  return command;
}

/** The place where the request is looked up. */
export interface SamePlace {
  records(auditId: string): Promise<readonly AuditRecord[]>;
  /** The text that says that no such request exists. */
  readonly none: string;
}

/**
 * Checks the usage before anything is queried.
 * @throws CommandError that names what is wrong.
 */
export function checkSame(options: SameOptions): void {
  const { sameRole, sameIp, window, since, from, to, follow } = options;
  const given = (sameRole ?? sameIp) !== undefined;
  if (!given && window !== undefined)
    throw wrongUsage('--window works only with --same-role or --same-ip. Add one of them.');
  if (!given) return;
  if (sameRole !== undefined && sameIp !== undefined) throw wrongUsage('Give --same-role or --same-ip, not both.');
  const { option, asks } = samenessOf(options);
  if (options[asks] !== undefined) throw wrongUsage(`${option} already selects the ${asks}. Leave --${asks} out.`);
  if ((since ?? from ?? to) !== undefined)
    throw wrongUsage(`${option} already sets the time range. Leave --since, --from and --to out, and use --window.`);
  if (follow === true) throw wrongUsage(`${option} has a time range with an end. Leave --follow out.`);
}

function samenessOf({ sameRole }: SameOptions): Sameness {
  return sameRole === undefined ? ADDRESS : ROLE;
}

/**
 * Returns the options with the role or source IP of that request and the time range around it. Notes both on standard
 * error.
 */
export async function withSame<Options extends SameOptions>(options: Options, place: SamePlace): Promise<Options> {
  const { sameRole, sameIp, window = DEFAULT_WINDOW } = options;
  const auditId = sameRole ?? sameIp;
  if (auditId === undefined) return options;
  const sameness = samenessOf(options);
  const records = await place.records(auditId);
  const values = [...new Set(records.flatMap((record) => sameness.of(record) ?? []))];
  const times = records.flatMap(({ time }) => (time === undefined ? [] : (parseInstant(time) ?? [])));
  const span = spanAround(times, window);
  if (values.length === 0 || span === undefined) {
    const why = records.length === 0 ? place.none : `its record has no ${sameness.word}, or no readable time`;
    throw new CommandError(`${sameness.option} ${auditId}: ${why}.`, 1);
  }
  const [from, to] = [formatInstant(span.from), formatInstant(span.to)];
  const shared = sharedRequests(records);
  const head = shared === undefined ? '' : `${shared.length} requests have this audit ID: the client can choose it. `;
  note(`${head}Using the ${sameness.word} ${values.join(' or ')}, from ${from} to ${to}.`);
  const narrowed = { ...options, [sameness.asks]: values, from, to };
  for (const given of ['sameRole', 'sameIp', 'window'] as const) delete narrowed[given];
  return narrowed;
}
