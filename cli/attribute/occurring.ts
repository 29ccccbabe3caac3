import { namesOfActor } from '../../lib/attribution/actor-names.ts';
import { placeOf } from '../../lib/attribution/place.ts';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import { roleOfRecord } from '../../lib/attribution/role-of-record.ts';
import { roleRef } from '../../lib/identity/arn.ts';
import { FIELD_NAMES, type FieldName, type Matcher, matcherOf } from '../../lib/usecases/query/filter.ts';
import { isInRange, type RecordsQuestion } from '../../lib/usecases/query/question.ts';
import { unknownWords } from '../records/unknown-words.ts';

/** Names of one field that are kept, to say what is near. */
const MOST_KEPT = 5_000;

/** Of which names a record is, in the fields of which there are names to be near. */
const NAMES: { readonly [Name in FieldName]?: (record: AuditRecord) => readonly (string | undefined)[] } = {
  actor: ({ attribution: { actor } }) => (actor === undefined ? [] : namesOfActor(actor)),
  candidate: ({ attribution: { candidates = [] } }) => candidates.flatMap(({ actor }) => namesOfActor(actor)),
  role(record) {
    const { roleId, arns = [] } = roleOfRecord(record) ?? {};
    return [roleId, ...arns.flatMap((arn) => [arn, roleRef(arn)?.roleName])];
  },
  session: ({ caller: { roleId, accountId, sessionName } }) =>
    sessionName === undefined ? [] : [`${roleId ?? accountId ?? ''}:${sessionName}`],
  key: ({ caller }) => [caller.accessKeyId],
  username: ({ caller }) => [caller.username],
  cluster: ({ cluster }) => [cluster],
  namespace: (record) => [placeOf(record).namespace],
  resource({ request: { resource, subresource, apiGroup } = {} }) {
    const own = subresource === undefined ? resource : `${resource}/${subresource}`;
    return [own, ...(apiGroup === undefined || apiGroup === '' ? [] : [`${resource}.${apiGroup}`])];
  },
  object: ({ request }) => [request?.name],
  verb: ({ request }) => [request?.verb],
  code: ({ response }) => [response?.code === undefined ? undefined : String(response.code)],
  auditId: ({ auditId }) => [auditId],
};

/** One value that is asked for, and whether any record is of it. */
interface Asked {
  readonly field: FieldName;
  readonly value: string;
  readonly isOf: Matcher;
  occurs: boolean;
}

/** What there is in the files beside what is asked for: to say of a question without records why it has none. */
export class Occurring {
  readonly #asked: readonly Asked[];
  readonly #names = new Map<FieldName, Set<string>>();
  readonly #range: RecordsQuestion['range'];
  #first: string | undefined;
  #last: string | undefined;
  #ofTime = 0;
  #all = 0;

  constructor({ filter, range }: RecordsQuestion) {
    this.#range = range;
    this.#asked = FIELD_NAMES.flatMap((field) =>
      (filter[field]?.any ?? []).map((value) => {
        const isOf = matcherOf({ [field]: { any: [value] } });
        return { field, value, isOf, occurs: false };
      }),
    );
    for (const { field } of this.#asked) this.#names.set(field, new Set());
  }

  add(record: AuditRecord): void {
    this.#all += 1;
    if (isInRange(record, this.#range)) this.#ofTime += 1;
    this.#stretch(record);
    for (const asked of this.#asked) asked.occurs ||= asked.isOf(record);
    for (const [field, names] of this.#names) keepNames(names, NAMES[field]?.(record) ?? []);
  }

  #stretch({ time }: AuditRecord): void {
    if (time === undefined) return;
    if (this.#first === undefined || time < this.#first) this.#first = time;
    if (this.#last === undefined || time > this.#last) this.#last = time;
  }

  /** Why none of the records is meant, as far as one part of the question is the reason. */
  words(): readonly string[] {
    if (this.#all === 0) return [];
    const absent = this.#asked.filter(({ occurs }) => !occurs);
    if (absent.length > 0)
      return absent.map(({ field, value }) => unknownWords(field, value, this.#names.get(field) ?? []));
    if (this.#ofTime === 0 && this.#first !== undefined)
      return [`The records of the files are of another time, from ${this.#first} to ${this.#last}.`];
    return this.#asked.length > 1 ? ['Each of these occurs in the files, but not together.'] : [];
  }
}

function keepNames(names: Set<string>, found: readonly (string | undefined)[]): void {
  if (names.size >= MOST_KEPT) return;
  for (const name of found) if (name !== undefined) names.add(name);
}
