import { LISTED_STATUSES } from '../../lib/claims/claim.ts';
import { isNamelessSession, isSessionPrincipal } from '../../lib/claims/identity.ts';
import { isAccessKeyId } from '../../lib/identity/access-key.ts';
import type { RecordsQuestion, RecordsRequest } from '../../lib/usecases/query/records-query.ts';
import { Parameters } from './parameters.ts';
import { InputError } from './problem.ts';

const WHICH = ['actor', 'session', 'cluster', 'namespace', 'auditId', 'status'];
const PLACE = ['cluster', 'namespace'];
const DEFAULT_LIMIT = 100;
const MOST = 1_000;

/** @throws InputError naming the parameter. */
export function recordsRequest(query: string): RecordsRequest {
  const given = new Parameters(query, [...WHICH, 'from', 'to', 'limit', 'cursor']);
  const range = { from: given.instant('from'), to: given.instant('to') };
  if (range.from !== undefined && range.to !== undefined && range.from > range.to) {
    throw new InputError('from', 'It must not be later than to.');
  }
  return {
    question: questionOf(given),
    range,
    limit: given.whole('limit', DEFAULT_LIMIT, MOST),
    cursor: given.text('cursor'),
  };
}

function questionOf(given: Parameters): RecordsQuestion {
  const names = given.among(WHICH);
  const isPlace = PLACE.every((name) => names.includes(name));
  // A whole place is a question, so what stands beside it is too much, wherever it comes in the order.
  const [name = 'actor', other] = isPlace ? ['cluster', ...names.filter((each) => !PLACE.includes(each))] : names;
  if (other !== undefined) {
    throw new InputError(
      other,
      `Ask by one of actor, session, cluster with namespace, auditId or status; ${isPlace ? 'cluster with namespace' : name} is given too.`,
    );
  }
  const value = given.text(name);
  if (value === undefined)
    throw new InputError('actor', 'Ask by actor, session, cluster with namespace, auditId or status.');
  return isPlace
    ? { by: 'namespace', cluster: value, namespace: given.text('namespace') ?? '' }
    : questionBy(name, value, given);
}

function questionBy(name: string, value: string, given: Parameters): RecordsQuestion {
  switch (name) {
    case 'actor':
      return { by: 'actor', actor: value };
    case 'session':
      return { by: 'session', session: session(value) };
    case 'auditId':
      return { by: 'audit-id', auditId: value };
    case 'status':
      return { by: 'status', status: given.oneOf('status', LISTED_STATUSES) ?? 'pending' };
    default:
      throw new InputError(name === 'cluster' ? 'namespace' : 'cluster', 'Ask by cluster and namespace together.');
  }
}

function session(value: string): string {
  if (isAccessKeyId(value) || isSessionPrincipal(value) || isNamelessSession(value)) return value;
  throw new InputError('session', 'Give AROA…:<session name>, or an access key id.');
}
