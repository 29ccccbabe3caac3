import { isAbout } from '../../lib/attribution/actor-names.ts';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import { wrongUsage } from '../failures/command-error.ts';
import type { QuestionOptions } from './question.ts';

/** Which of the records that were read are meant. The service takes one question; the rest is looked at here. */
export interface RecordFilter {
  readonly cluster?: string | undefined;
  readonly namespace?: string | undefined;
  /** The name of the object that was asked for, such as a pod's. */
  readonly object?: string | undefined;
  readonly status?: string | undefined;
  /** Of ambiguous records: somebody who is among those who can be meant. */
  readonly candidate?: string | undefined;
}

/** What is asked of the service, and what is looked at in its answer. */
export interface FilteredQuestion {
  readonly question: QuestionOptions;
  readonly filter: RecordFilter;
}

/** `--cluster` and `--namespace` are the question where they stand alone, else a filter, as `--object` always is. */
export function filteredQuestion(options: QuestionOptions & Pick<RecordFilter, 'object'>): FilteredQuestion {
  const { actor, session, cluster, namespace, auditId, status, object } = options;
  const place = { cluster, namespace, object };
  if (actor !== undefined && status !== undefined) {
    const { question, filter } = ofActorAndStatus(actor, status);
    return { question: given({ ...question, session, auditId }), filter: { ...place, ...filter } };
  }
  const isFilter = actor !== undefined || session !== undefined || status !== undefined;
  return isFilter
    ? { question: given({ actor, session, auditId, status }), filter: place }
    : { question: given({ cluster, namespace, auditId }), filter: { object } };
}

/** Ambiguous records are filed under nobody's name; of the other statuses only `partial` has an actor. */
function ofActorAndStatus(actor: string, status: string): FilteredQuestion {
  if (status === 'ambiguous') return { question: { status }, filter: { candidate: actor } };
  if (status === 'partial') return { question: { actor }, filter: { status } };
  throw wrongUsage(`--actor: nobody is known where the status is ${status}. Ask by one of the two.`);
}

function given(question: Partial<Record<keyof QuestionOptions, string | undefined>>): QuestionOptions {
  return Object.fromEntries(Object.entries(question).filter(([, value]) => value !== undefined));
}

export function isMeant(filter: RecordFilter, { cluster: at, request, attribution }: AuditRecord): boolean {
  const { cluster, namespace, object, status, candidate } = filter;
  return (
    (cluster === undefined || at === cluster) &&
    (namespace === undefined || request?.namespace === namespace) &&
    (object === undefined || request?.name === object) &&
    (status === undefined || attribution.status === status) &&
    (candidate === undefined || (attribution.candidates ?? []).some(({ actor }) => isAbout(actor, candidate)))
  );
}

/** Whether anything is left out of what the service answers. */
export function leavesOut(filter: RecordFilter): boolean {
  return Object.values(filter).some((value) => value !== undefined);
}

/** In words, behind those of the question. */
export function filterText({ cluster, namespace, object, status, candidate }: RecordFilter): string {
  const parts = [
    candidate === undefined ? '' : ` in which ${candidate} can be meant`,
    status === undefined ? '' : ` of the status ${status}`,
    cluster === undefined ? '' : ` in the cluster ${cluster}`,
    namespace === undefined ? '' : ` in the namespace ${namespace}`,
    object === undefined ? '' : ` for the object ${object}`,
  ];
  return parts.join('');
}
