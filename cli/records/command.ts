import { quoted } from '../../lib/shell.ts';
import type { RecordsOptions } from './records.ts';

/** Options of a question, and of where it is asked, as they are written. */
const WRITTEN = {
  actor: '--actor',
  session: '--session',
  cluster: '--cluster',
  namespace: '--namespace',
  auditId: '--audit-id',
  status: '--status',
  object: '--object',
  from: '--from',
  to: '--to',
  api: '--api',
  table: '--table',
  profile: '--profile',
  region: '--region',
} as const;

type Written = Partial<Record<keyof typeof WRITTEN, string>>;

/** The command that asks the same with these changes, for a person to run; `undefined` leaves an option out. */
export function recordsCommandText(
  options: Pick<RecordsOptions, keyof typeof WRITTEN | 'since'>,
  changes: { readonly [Name in keyof Written]: Written[Name] | undefined },
): string {
  const { since, ...asked } = options;
  const all: Readonly<Record<string, unknown>> = { ...asked, from: asked.from ?? since, ...changes };
  const words = Object.entries(WRITTEN).flatMap(([name, flag]) => {
    const value = all[name];
    return typeof value === 'string' ? [`${flag} ${quoted(value)}`] : [];
  });
  return ['eks-whois records', ...words].join(' ');
}
