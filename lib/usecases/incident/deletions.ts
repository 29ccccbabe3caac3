import { actorLabel, labelsApart } from '../../attribution/actor-names.ts';
import { actorsOf } from '../../attribution/attribution.ts';
import type { AuditRecord } from '../../attribution/record.ts';
import { actionText } from '../../audit/action.ts';
import { operand } from '../../shell.ts';
import type { EpochMillis } from '../../time.ts';
import { labelInWords } from '../../words/kind-words.ts';
import { type Activity, type GraveKind, type RequestLine, requestLine } from '../activity/activity.ts';
import type { RequestsQuery } from '../activity/request-source.ts';
import { millisOf, sessionText, wasDone } from '../activity/requests.ts';
import { flawOf } from '../query/filter.ts';
import { type GivenValue, questionOf } from '../query/question.ts';
import type { Step } from './report.ts';
import {
  at,
  context,
  describeTarget,
  isLater,
  isSameObject,
  type KubectlTarget,
  type ObjectOfRequest,
} from './undo-steps.ts';

/** An object that was deleted and not created again. */
export interface DeletedObject extends ObjectOfRequest {
  readonly time: string | undefined;
  /** The actor or the candidates, or else the caller. The caller chose the text, so escape it before display. */
  readonly by: string;
}

/** The kinds of requests for which the report has steps that delete or check the object. */
const WITH_STEPS: readonly GraveKind[] = ['rbac-change', 'workload-created', 'workload-changed'];
/** Limits the objects, and the records that are read for one object. Each object needs a question of its own. */
const MOST_OBJECTS = 20;
const MOST_RECORDS = 2_000;

/**
 * Finds out which objects of the report were deleted later. The objects are those that people of the report created or
 * changed. Anybody may have deleted them, at any time until now.
 */
export class DeletionsCollector {
  readonly queries: readonly RequestsQuery[];
  readonly #latest = new Map<string, AuditRecord>();

  constructor(activities: readonly (Activity | undefined)[], from: EpochMillis) {
    const lines = activities
      .flatMap((activity) => activity?.grave ?? [])
      .filter(({ kind }) => WITH_STEPS.includes(kind));
    const objects = new Map(
      lines
        .flatMap(({ listed }) => listed)
        .flatMap((line) => (line.name === undefined ? [] : [[objectKey(line), line]])),
    );
    this.queries = [...objects.values()].slice(0, MOST_OBJECTS).flatMap((line) => this.#queryOf(line, from) ?? []);
  }

  /** Returns the objects whose latest change was a delete that succeeded. */
  result(): readonly DeletedObject[] {
    return [...this.#latest.values()].flatMap((record) => {
      const { verb, time, cluster, namespace, resource, name } = requestLine(record);
      return verb === 'delete' ? [{ time, cluster, namespace, resource, name, by: callerOf(record) }] : [];
    });
  }

  #queryOf(line: RequestLine, from: EpochMillis): RequestsQuery | undefined {
    const { cluster, namespace = '-', resource = '', name = '' } = line;
    const given = {
      verb: ['delete', 'create'],
      cluster: [cluster],
      namespace: [namespace],
      resource: [resource],
      object: [name],
    };
    const values = Object.entries(given).flatMap(([field, texts]) =>
      texts.flatMap((value): GivenValue[] =>
        value === undefined ? [] : [{ name: field as keyof typeof given, value, negated: false }],
      ),
    );
    if (values.some(({ name: field, value }) => flawOf(field, value) !== undefined)) return undefined;
    return { question: questionOf(values, { from }), most: MOST_RECORDS, take: (record) => this.#add(record, line) };
  }

  #add(record: AuditRecord, line: RequestLine): void {
    const { response } = record;
    const isDone = wasDone(record) && response !== undefined && response.code < 300;
    if (!isSameObject(requestLine(record), line) || !isDone) return;
    const known = this.#latest.get(objectKey(line));
    if (known === undefined || (millisOf(record.time) ?? 0) > (millisOf(known.time) ?? 0))
      this.#latest.set(objectKey(line), record);
  }
}

/**
 * Returns the step for an object that was deleted after the request. It says that there is nothing to undo. Undefined
 * if the object was not deleted.
 */
export function deletedStep(
  deleted: readonly DeletedObject[],
  line: RequestLine,
  target: KubectlTarget,
  condition: string,
): Step | undefined {
  const found = deleted.find((each) => isSameObject(each, line) && isLater(each, line));
  if (found === undefined) return undefined;
  const gave = actionText(line.action);
  const made = `${line.verb === 'create' ? 'created' : 'changed'} ${at(line)}${gave === '' ? '' : ` (${gave})`}`;
  return {
    title: `${condition}Nothing to delete: ${describeTarget(line, target)}, which was ${made}, was deleted ${at(found)} by ${found.by}`,
    command: `kubectl ${target.options}get ${target.resource} ${operand(target.name)} --ignore-not-found`,
    effect: 'Shows nothing if it is still deleted. The audit log shows that it was, and that nobody created it again.',
    caution: `This changes nothing. What it allowed or ran before that is not undone. ${context(line)}`,
    source: 'kubectl reference, "kubectl get"',
  };
}

function objectKey({ cluster, namespace, resource, name }: ObjectOfRequest): string {
  return JSON.stringify([cluster, namespace, resource, name]);
}

function callerOf({ attribution, caller }: AuditRecord): string {
  const names = labelsApart(actorsOf(attribution), actorLabel).map(labelInWords);
  if (names.length > 0) return names.join(' or ');
  if (attribution.status === 'system') return caller.username ?? 'an anonymous caller';
  const key = caller.accessKeyId === undefined ? undefined : `the access key ${caller.accessKeyId}`;
  const sign = key ?? sessionText(caller) ?? caller.username;
  return `an unidentified caller${sign === undefined ? '' : ` with ${sign}`}`;
}
