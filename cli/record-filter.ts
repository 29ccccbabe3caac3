import type { AuditRecord } from '../lib/attribution/record.ts';
import type { QuestionOptions } from './records-question.ts';

/** Which of the records that were read are meant. The service takes one question; the rest is looked at here. */
export interface RecordFilter {
  readonly cluster?: string | undefined;
  readonly namespace?: string | undefined;
  /** The name of the object that was asked for, such as a pod's. */
  readonly object?: string | undefined;
}

/** What is asked of the service, and what is looked at in its answer. */
export interface FilteredQuestion {
  readonly question: QuestionOptions;
  readonly filter: RecordFilter;
}

/** `--cluster` and `--namespace` are the question where they stand alone, else a filter, as `--object` always is. */
export function filteredQuestion(options: QuestionOptions & Pick<RecordFilter, 'object'>): FilteredQuestion {
  const { actor, session, cluster, namespace, auditId, status, object } = options;
  const isFilter = actor !== undefined || session !== undefined || status !== undefined;
  return isFilter
    ? { question: given({ actor, session, auditId, status }), filter: { cluster, namespace, object } }
    : { question: given({ cluster, namespace, auditId }), filter: { object } };
}

function given(question: Partial<Record<keyof QuestionOptions, string | undefined>>): QuestionOptions {
  return Object.fromEntries(Object.entries(question).filter(([, value]) => value !== undefined));
}

export function isMeant({ cluster, namespace, object }: RecordFilter, { cluster: at, request }: AuditRecord): boolean {
  return (
    (cluster === undefined || at === cluster) &&
    (namespace === undefined || request?.namespace === namespace) &&
    (object === undefined || request?.name === object)
  );
}

/** Whether anything is left out of what the service answers. */
export function leavesOut(filter: RecordFilter): boolean {
  return Object.values(filter).some((value) => value !== undefined);
}

/** In words, behind those of the question. */
export function filterText({ cluster, namespace, object }: RecordFilter): string {
  const inCluster = cluster === undefined ? '' : ` in the cluster ${cluster}`;
  const inNamespace = namespace === undefined ? '' : ` in the namespace ${namespace}`;
  return `${inCluster}${inNamespace}${object === undefined ? '' : ` for the object ${object}`}`;
}
