import type { KeptRecord } from '../../claims/kept-record.ts';
import { type EpochMillis, epochMillis, formatInstant, MINUTE } from '../../time.ts';
import { timeOf, wasDone } from '../activity/requests.ts';
import { isCreateOf, kindOf } from './origin.ts';

/**
 * When the pod of a request lived, as far as the audit log tells. Pods of one name live one after another, a StatefulSet's
 * always: only a create ends what is looked at, since the name was free then. A delete does not: the pod lives on for its
 * grace period, however long that is, and it may have been an earlier pod's.
 */
export interface PodLife {
  /** It lived at no time before: its own create, or one of its name. */
  readonly from: EpochMillis | undefined;
  /** It lived at no time after. */
  readonly goneBy: EpochMillis | undefined;
  /** When it was created and deleted, as far as known, and how that is known. */
  readonly told: {
    readonly from?: string | undefined;
    readonly fromReason: string;
    readonly to?: string | undefined;
    readonly toReason?: string | undefined;
  };
  /** Whether what came to a pod of this name at that time, within the life, may have come to another one. */
  mayBeOfAnother(time: EpochMillis): boolean;
}

/** How a pod came to be and to end, by its name alone. */
interface NameUse {
  readonly creates: readonly EpochMillis[];
  /** Deletes and evictions that were not refused. */
  readonly ends: readonly EpochMillis[];
}

/**
 * For so long a token of a pod that is gone may be taken yet, and a create take until it is done: the API server takes a
 * deleted pod's token for a minute (kubernetes/kubernetes, pkg/serviceaccount/claims.go), and keeps an answer for ten seconds;
 * a request times out after a minute (kube-apiserver, `--request-timeout`).
 */
const LEEWAY = 2 * MINUTE;

/**
 * @param saidBegun the time of the create whose answer has the pod's uid, where that is known.
 * @param requests of the pod's namespace, each once.
 * @param at the time of the request that the pod made.
 */
export function podLife(
  name: string | undefined,
  saidBegun: EpochMillis | undefined,
  requests: readonly KeptRecord[],
  at: EpochMillis,
): PodLife {
  const begun = saidBegun !== undefined && saidBegun <= at ? saidBegun : undefined; // else whoever tells of it is wrong
  const { creates, ends } = useOf(name, requests);
  const from = begun ?? latest(creates.filter((time) => time < at - LEEWAY));
  const successor = earliest(creates.filter((time) => time > at));
  const ended = earliest(ends.filter((time) => time > at));
  const isEnding = ends.filter((time) => time <= at && time >= (from ?? time));
  return {
    from,
    goneBy: successor && epochMillis(successor + LEEWAY),
    told: {
      from: from && formatInstant(from),
      fromReason: fromReason(begun, from, latest(isEnding)),
      ...endTold(ended, successor),
    },
    mayBeOfAnother: (time) => {
      const changes = [...creates, ...ends].filter((each) => each !== begun);
      if (time > at) return isEnding.length > 0 || changes.some((each) => each > at && each <= time);
      return begun === undefined && changes.some((each) => each >= time && each <= at);
    },
  };
}

function useOf(name: string | undefined, requests: readonly KeptRecord[]): NameUse {
  const ofName = requests.filter((each) => name !== undefined && each.request?.name === name && wasDone(each));
  const timesOf = (isMeant: (record: KeptRecord) => boolean) =>
    ofName.filter(isMeant).flatMap((record) => timeOf(record) ?? []);
  return {
    creates: timesOf((record) => kindOf(record) === 'Pod' && isCreateOf(record) && hasSucceeded(record)),
    ends: timesOf((record) => (kindOf(record) === 'Pod' && record.request?.verb === 'delete') || isEviction(record)),
  };
}

/** A create that nobody saw answered shows nothing. */
function hasSucceeded({ response }: KeptRecord): boolean {
  return response !== undefined && response.code >= 200 && response.code < 300;
}

/** Kubernetes, "API-initiated Eviction": what it is granted to is deleted. */
function isEviction({ request }: KeptRecord): boolean {
  return request?.resource === 'pods' && request.subresource === 'eviction' && request.verb === 'create';
}

function fromReason(
  begun: EpochMillis | undefined,
  from: EpochMillis | undefined,
  ended: EpochMillis | undefined,
): string {
  if (begun !== undefined) return 'Created then: the answer to its create has its uid.';
  const before =
    from === undefined
      ? 'Its create is not known, nor another of its name before the request.'
      : 'Not before: a pod of its name was created then, this one or one before it.';
  if (ended === undefined) return before;
  return `${before} A pod of its name was deleted at ${formatInstant(ended)}: this one, which then lived on for its grace period, or an earlier one.`;
}

function endTold(
  ended: EpochMillis | undefined,
  successor: EpochMillis | undefined,
): Pick<PodLife['told'], 'to' | 'toReason'> {
  if (ended !== undefined && ended <= (successor ?? ended))
    return {
      to: formatInstant(ended),
      toReason: 'A pod of its name was deleted then: it may have lived on for its grace period.',
    };
  if (successor === undefined) return {};
  return { to: formatInstant(successor), toReason: 'It was gone by then: another pod of its name was created.' };
}

function latest(times: readonly EpochMillis[]): EpochMillis | undefined {
  return times.toSorted((a, b) => b - a)[0];
}

function earliest(times: readonly EpochMillis[]): EpochMillis | undefined {
  return times.toSorted((a, b) => a - b)[0];
}

/** Whether the record lies within the life, its own bounds among it. */
export function within({ from, goneBy }: PodLife): (record: KeptRecord) => boolean {
  return (record) => {
    const time = timeOf(record);
    return time !== undefined && time >= (from ?? time) && time <= (goneBy ?? time);
  };
}
