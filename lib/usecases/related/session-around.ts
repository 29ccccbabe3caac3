import { filedName } from '../../attribution/actor-names.ts';
import { isLong, sessionOf } from '../../claims/identity.ts';
import type { KeptRecord } from '../../claims/kept-record.ts';
import { type EpochMillis, epochMillis, formatInstant, MINUTE } from '../../time.ts';
import { requestsFrom } from '../activity/request-source.ts';
import { canBePersons, requestIdentity, timeOf } from '../activity/requests.ts';
import type { RecordsQuestion } from '../query/question.ts';
import type { SessionAround } from './related-answer.ts';
import { type RelatedSource, told } from './related-source.ts';

/** To either side of the request. */
export const AROUND = 15 * MINUTE;
/** Records of one session in half an hour: more are a program's. */
const MOST_EXAMINED = 5_000;

/** How the session's requests are asked for; undefined where the caller has none and acts in nobody's name. */
function asked({ caller, attribution }: KeptRecord): Pick<SessionAround, 'name' | 'by'> | undefined {
  const session = sessionOf({ ...caller, userId: caller.uid?.split(':').at(-1) });
  if (session !== undefined && !isLong(session)) return { name: session, by: 'session' };
  const name = attribution.method === 'direct' ? filedName(attribution.actor) : undefined;
  return name === undefined ? undefined : { name, by: 'actor' };
}

/** What the session did besides, shortly before and after. */
export async function sessionAround(
  record: KeptRecord,
  at: EpochMillis,
  source: RelatedSource,
  most: number,
): Promise<{ readonly session: SessionAround; readonly isWhole: boolean } | undefined> {
  const by = asked(record);
  if (by === undefined) return undefined;
  const [from, to] = [epochMillis(at - AROUND), epochMillis(at + AROUND)];
  const filter = by.by === 'session' ? { session: { any: [by.name] } } : { actor: { any: [by.name] } };
  const question: RecordsQuestion = { filter, range: { from, to } };
  const { records, isWhole } = await requestsFrom(source, question, MOST_EXAMINED);
  const own = requestIdentity(record);
  const others = records
    .filter((other) => requestIdentity(other) !== own)
    .toSorted((a, b) => Number(canBePersons(b)) - Number(canBePersons(a)) || distance(a, at) - distance(b, at));
  const { accessKeyId } = record.caller;
  const isSame = ({ caller }: KeptRecord) => accessKeyId === undefined || caller.accessKeyId === accessKeyId;
  const same = firstOf(others.filter(isSame), most);
  const apart = firstOf(
    others.filter((other) => !isSame(other)),
    most,
  );
  const session: SessionAround = {
    ...by,
    accessKeyId,
    from: formatInstant(from),
    to: formatInstant(to),
    requests: same.told,
    leftOut: same.left,
    ...(apart.told.length > 0 && { otherKeys: apart.told, otherKeysLeftOut: apart.left }),
  };
  return { session, isWhole };
}

function firstOf(records: readonly KeptRecord[], most: number) {
  const left = records.length - most;
  return { told: records.slice(0, most).map(told), left: left > 0 ? left : undefined };
}

function distance(record: KeptRecord, at: EpochMillis): number {
  return Math.abs((timeOf(record) ?? Number.POSITIVE_INFINITY) - at);
}
