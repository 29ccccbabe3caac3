import type { KeptRecord } from '../../claims/kept-record.ts';
import type { AuditId } from '../../identity/audit-id.ts';
import type { TimeRange } from '../../ports/paging.ts';
import { type EpochMillis, epochMillis, MINUTE } from '../../time.ts';
import { type Request, requestsOf, timeOf } from '../activity/requests.ts';
import { isInRange } from '../query/question.ts';
import { candidatesOf } from './candidates.ts';
import { podAndTokens } from './pod.ts';
import type { RelatedAnswer, RelatedToRequest } from './related-answer.ts';
import { type RelatedSource, told } from './related-source.ts';
import { sessionAround } from './session-around.ts';

/** Rows of each list of an answer: more are for `records`. */
export const MOST_RELATED = 50;
/** Requests that bear one audit id and are told of in full: the client may reuse one thousands of times. */
const MOST_REQUESTS = 5;
/** To either side of the time that is asked about. */
const ABOUT = 5 * MINUTE;

/** Which requests are asked about. */
export interface RelatedAsked {
  readonly auditId: AuditId;
  /** Of those that bear the audit id the ones around that time; undefined: the newest. */
  readonly at?: EpochMillis | undefined;
}

/**
 * What else belongs to each request that bears the audit id; undefined where none does. However often it was used, no more is
 * read than of one request: what may be read of a busy session or namespace is divided among those that are told of.
 * @param most rows of each list.
 * @throws QuestionError where the records lie in more places than can be read at once; what the source throws.
 */
export async function related(
  asked: RelatedAsked,
  source: RelatedSource,
  most = MOST_RELATED,
): Promise<RelatedAnswer | undefined> {
  const { auditId } = asked;
  const { records, isWhole } = await source.ofAuditId(auditId, timesOf(asked));
  const requests = requestsOf(records);
  if (requests.length === 0) return undefined;
  const told = requests.slice(0, MOST_REQUESTS);
  const answers: RelatedToRequest[] = [];
  for (const request of told) answers.push(await relatedTo(request, sharedBy(told.length, source), most));
  const left = requests.length - answers.length;
  return {
    auditId,
    requests: answers,
    requestsLeftOut: left > 0 ? left : undefined,
    ...(!isWhole && { areMore: true }),
  };
}

function timesOf({ at }: RelatedAsked): TimeRange {
  return at === undefined ? {} : { from: epochMillis(at - ABOUT), to: epochMillis(at + ABOUT) };
}

/** Whether a record, or its head, is of a request that is asked about. */
export function isAskedAbout(record: Pick<KeptRecord, 'auditId' | 'time'>, asked: RelatedAsked): boolean {
  return record.auditId === asked.auditId && isInRange(record, timesOf(asked));
}

function sharedBy(requests: number, source: RelatedSource): RelatedSource {
  const share = (most = 0) => Math.ceil(most / requests);
  return { ...source, read: (queries) => source.read(queries.map((each) => ({ ...each, most: share(each.most) }))) };
}

async function relatedTo(
  { record, stages }: Request<KeptRecord>,
  source: RelatedSource,
  most: number,
): Promise<RelatedToRequest> {
  const at = timeOf(record);
  const own = stages.map(told);
  if (at === undefined) return { stages: own, candidates: [], notKnown: [NO_TIME] };
  const around = await sessionAround(record, at, source, most);
  const inPod = await podAndTokens(record, at, source, most);
  const candidates = inPod === undefined ? [] : candidatesOf(record, inPod.pod, inPod.serviceAccount);
  const notKnown = [
    ...sessionNotKnown(around),
    ...(inPod === undefined ? [] : inPod.pod === undefined ? [NO_POD] : []),
    ...(inPod?.notKnown ?? []),
  ];
  return {
    stages: own,
    session: around?.session,
    serviceAccount: inPod?.serviceAccount,
    pod: inPod?.pod,
    candidates,
    notKnown,
  };
}

function sessionNotKnown(around: Awaited<ReturnType<typeof sessionAround>>): readonly string[] {
  if (around === undefined) return [NO_SESSION];
  const { session, isWhole } = around;
  const isShared = session.accessKeyId === undefined && session.requests.some(({ caller }) => caller.accessKeyId);
  return [...(isWhole ? [] : [CUT_SESSION]), ...(isShared ? [NO_KEY] : [])];
}

const NO_TIME = 'The request has no readable time, so that nothing can be said to lie around it.';
const NO_SESSION =
  'The caller has no session of its own: which other requests were made with the same credentials is not known.';
const CUT_SESSION = 'The session made so many requests in that half hour that not all were looked through.';
const NO_KEY =
  'The request names no access key: requests of other sessions of the same name may be among those of its session.';
const NO_POD =
  "The request names no pod: the service account's token is bound to none (kubectl create token), or the cluster is older than 1.30.";
