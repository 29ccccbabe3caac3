import { nearest } from '../../lib/nearness.ts';
import type { FieldName } from '../../lib/usecases/query/filter.ts';

const MOST_LISTED = 8;

/** How it is said that nothing was done … */
const WORDS: Readonly<Record<FieldName, string>> = {
  actor: 'by the actor',
  candidate: 'that may be of the actor',
  role: 'of the role',
  session: 'in the session',
  key: 'with the key',
  username: 'under the username',
  cluster: 'in the cluster',
  namespace: 'in the namespace',
  resource: 'with the resource',
  object: 'with the object',
  verb: 'with the verb',
  code: 'with the code',
  ip: 'from the address',
  userAgent: 'by the user agent',
  status: 'with the status',
  flag: 'with the flag',
  method: 'by the method',
  auditId: 'with the audit id',
};
/** Fields of which all values are listed where none is near, since there are few. */
const LISTED: Readonly<Partial<Record<FieldName, string>>> = {
  role: 'of',
  cluster: 'in',
  namespace: 'in',
  verb: 'with',
  code: 'with',
};

/** That nothing was done of such a name, with those that are near it, or with some of those that there are. */
export function unknownWords(field: FieldName, name: string, known: Iterable<string>): string {
  const isArn = name.startsWith('arn:');
  const names = [...new Set(known)].filter((each) => each !== '' && each.startsWith('arn:') === isArn);
  const near = nearest(name, names);
  const nothing = `Nothing was done ${WORDS[field]} ${name}`;
  if (near.length > 0) return `${nothing}; near it: ${near.join(', ')}.`;
  if (field === 'actor') return wordsOfKey(name) ?? `${nothing}: give the whole name, ARN or principal id.`;
  const joint = LISTED[field];
  if (joint === undefined || names.length === 0) return `${nothing}.`;
  const listed = names.sort().slice(0, MOST_LISTED);
  const more = names.length > listed.length ? ` and ${names.length - listed.length} more` : '';
  return `${nothing}, but ${joint} ${listed.join(', ')}${more}.`;
}

function wordsOfKey(name: string): string | undefined {
  return /^(?:AROA[A-Z0-9]+:|ASIA[A-Z0-9]|AKIA[A-Z0-9])/.test(name)
    ? `${name} is no actor: ask for a session or a key by --session.`
    : undefined;
}
