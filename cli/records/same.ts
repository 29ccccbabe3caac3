import type { AuditRecord } from '../../lib/attribution/record.ts';
import { roleOfRecord } from '../../lib/attribution/role-of-record.ts';
import { epochMillis, formatInstant, parseInstant } from '../../lib/time.ts';
import { questionOf } from '../../lib/usecases/query/question.ts';
import { MOST_OF_ONE_ID } from '../../lib/usecases/query/whois.ts';
import { serviceOrLocal } from '../access/service-access.ts';
import { CommandError, wrongUsage } from '../failures/command-error.ts';
import { note } from '../failures/faults.ts';
import { DEFAULT_WINDOW } from '../options/window.ts';
import type { RecordsOptions } from './options.ts';

/** What is the same in two requests. */
interface Sameness {
  readonly option: '--same-role' | '--same-ip';
  /** The option of a question that asks for it. */
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
/** The last address is the one that the client did not write (FACTS). */
const ADDRESS: Sameness = {
  option: '--same-ip',
  asks: 'ip',
  word: 'address',
  of: ({ source }) => source?.ips?.at(-1),
};

/** @throws CommandError naming what is wrong, before anything is asked. */
export function checkSame(options: RecordsOptions): void {
  const { sameRole, sameIp, window, since, from, to, follow } = options;
  const given = (sameRole ?? sameIp) !== undefined;
  if (!given && window !== undefined) throw wrongUsage('--window belongs to --same-role and --same-ip.');
  if (!given) return;
  if (sameRole !== undefined && sameIp !== undefined) throw wrongUsage('Give --same-role or --same-ip, not both.');
  const { option, asks } = samenessOf(options);
  if (options[asks] !== undefined) throw wrongUsage(`${option} says which ${asks}: leave --${asks} out.`);
  if ((since ?? from ?? to) !== undefined)
    throw wrongUsage(`${option} says when: leave --since, --from and --to out, and give --window.`);
  if (follow === true) throw wrongUsage(`${option} asks about a time that has an end: leave --follow out.`);
}

function samenessOf({ sameRole }: RecordsOptions): Sameness {
  return sameRole === undefined ? ADDRESS : ROLE;
}

/** The options with the role or address of that request, and the time around it; told on standard error. */
export async function withSame(options: RecordsOptions): Promise<RecordsOptions> {
  const { sameRole, sameIp, window = DEFAULT_WINDOW, ...rest } = options;
  const auditId = sameRole ?? sameIp ?? '';
  const sameness = samenessOf(options);
  const question = questionOf([{ name: 'auditId', value: auditId, negated: false }], {});
  const { records } = await serviceOrLocal(options).records({ question, limit: MOST_OF_ONE_ID });
  const values = [...new Set(records.flatMap((record) => sameness.of(record) ?? []))];
  const times = records.flatMap(({ time }) => (time === undefined ? [] : (parseInstant(time) ?? [])));
  if (values.length === 0 || times.length === 0) throw nothingSame(auditId, records.length, sameness);
  const from = formatInstant(epochMillis(Math.min(...times) - window));
  const to = formatInstant(epochMillis(Math.max(...times) + window));
  note(`the ${sameness.word} ${values.join(' or ')}, from ${from} to ${to}.`);
  return { ...rest, [sameness.asks]: values, from, to };
}

function nothingSame(auditId: string, found: number, { option, word }: Sameness): CommandError {
  const why =
    found === 0 ? 'no record of the service bears this audit id' : `its record has no ${word}, or no readable time`;
  return new CommandError(`${option} ${auditId}: ${why}.`, 1);
}
