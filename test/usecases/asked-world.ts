import type { JsonObject } from '../../lib/json.ts';
import type { AnythingAnswer } from '../../lib/usecases/query/anything/outcomes.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { ARN, AROUND, BOB_ALONE, BOBS, eventAbout, SESSION, STRANGERS, timeOf } from './pasted-texts.ts';
import type { PastedWorld } from './pasted-world.ts';

export interface PodRequest {
  readonly key: string | null;
  readonly verb: string;
  readonly after: number;
  /** Empty for all pods of the namespace. */
  readonly name?: string;
  readonly subresource?: string;
}

function eventOf({ key, verb, after, name = 'db', subresource }: PodRequest, at: number): JsonObject {
  const end = subresource === undefined ? '' : `/${subresource}`;
  return eventBy(roleUser({ session: SESSION, key, username: ARN }), {
    auditID: `done-${at}`,
    verb,
    requestURI: `/api/v1/namespaces/shop/pods/${name}${end}`,
    objectRef: {
      resource: 'pods',
      namespace: 'shop',
      ...(name && { name }),
      apiVersion: 'v1',
      ...(subresource && { subresource }),
    },
    responseStatus: { metadata: {}, code: 200 },
    requestReceivedTimestamp: timeOf(after),
    stageTimestamp: timeOf(after),
  });
}

/** The API server's event of a request whose credentials it did not accept. */
export const REFUSED: JsonObject = eventBy(
  {},
  {
    auditID: 'refused',
    verb: 'list',
    requestURI: '/api/v1/pods',
    objectRef: { resource: 'pods', apiVersion: 'v1' },
    responseStatus: { metadata: {}, code: 401 },
    requestReceivedTimestamp: timeOf(0),
    stageTimestamp: timeOf(0),
  },
);

export function worldOf(done: readonly PodRequest[], ...more: readonly JsonObject[]): PastedWorld {
  return { grants: BOB_ALONE, events: [...AROUND, ...done.map(eventOf), ...more] };
}

export const DELETED: PodRequest = { key: BOBS, verb: 'delete', after: 0 };
export const READ: PodRequest = { key: STRANGERS, verb: 'get', after: 60_000 };
const EXECUTED: PodRequest = { key: STRANGERS, verb: 'get', after: 120_000, subresource: 'exec' };
const OTHER_POD: PodRequest = { key: STRANGERS, verb: 'delete', after: 0, name: 'api-0' };
export const ALL = worldOf([DELETED, READ, EXECUTED, OTHER_POD]);

/** Returns the text of a row of example 12d of the contract. */
export function askedText(row: string): string {
  const [, minutes] = /^an event about the pod db, (\d+) min later$/.exec(row) ?? [];
  if (minutes === undefined) return row;
  return JSON.stringify(eventAbout('Pod', { namespace: 'shop', after: Number(minutes) * 60_000 }));
}

/** Returns the answer in the words of example 12d. */
export function askedWords({ found: [first] }: AnythingAnswer): string {
  if (first?.outcome.kind !== 'sessions') return 'nothing';
  const { inLog, note = '' } = first.outcome;
  const groups = (inLog?.groups ?? []).map(
    ({ attribution, requests }) => `${requests} by ${attribution.actor?.name ?? 'the stranger'}`,
  );
  const isOther = note.includes('They are other requests');
  return `${isOther ? 'similar' : 'ambiguous'}: ${groups.join(', ')}`;
}
