import type { AuditRecord } from '../../lib/attribution/record.ts';
import { type Matcher, matcherOf } from '../../lib/usecases/query/filter.ts';
import { asksSomething, isInRange } from '../../lib/usecases/query/question.ts';
import { ShownRequests } from '../access/requests.ts';
import { recordFormat } from '../format/formats.ts';
import type { RecordWriter } from '../format/record-writer.ts';
import { asksForSystem, questionFrom, questionText } from '../options/question-options.ts';
import { rangeOf, rangeText } from '../options/time-range.ts';
import { viewOf } from '../options/view-options.ts';
import { candidatesQuestion } from '../records/candidates.ts';
import { BY_ACTOR, type GroupView, groupFormat, groupsText } from '../records/groups/group-rows.ts';
import { keyOfActor, RecordGroups } from '../records/groups/record-groups.ts';
import { counted } from '../terminal/text-table.ts';
import { NextReport } from './next-report.ts';
import { Occurring } from './occurring.ts';
import type { AttributeOptions } from './options.ts';
import { OtherClusters } from './other-clusters.ts';

/** What is shown of the records: all, those that a question means, or how many they are by who acted. */
export interface ShownRecords {
  /** Returns the record's text, empty where it is not shown by itself. */
  record(record: AuditRecord): string;
  end(): string;
  /** What is to be told of it on standard error. */
  said(): readonly string[];
}

/** @throws CommandError naming the option that is wrong. */
export function shownRecords(options: AttributeOptions, isFirstSeen: Matcher = () => true): ShownRecords {
  const { cluster, ...asked } = options;
  const question = questionFrom(asked);
  const view = { ...viewOf(options), sumsSystem: !asksForSystem(asked) };
  const isAll = options.summary !== true && !asksSomething(question);
  if (isAll && cluster === undefined) return { ...recordFormat(options.format, view), said: () => [] };
  const others = cluster === undefined ? undefined : new OtherClusters(cluster);
  const isMeant = matcherOf(question.filter);
  const shown = options.summary === true ? summaryFormat(options, view) : recordFormat(options.format, view);
  const isOfTime = question.range.from !== undefined || question.range.to !== undefined;
  const ofTime = isOfTime ? `, ${rangeText(rangeOf(asked))}` : '';
  const mayBe = candidatesQuestion(question);
  const isCandidate = mayBe && matcherOf(mayBe.filter);
  const occurring = new Occurring(question);
  const next = NextReport.for(options);
  const requests = isTable(options) ? new ShownRequests() : undefined;
  let [all, meant, rows, candidates] = [0, 0, 0, 0];
  return {
    record(record) {
      all += 1;
      if (meant === 0) occurring.add(record);
      if (!isInRange(record, question.range)) return '';
      if (isCandidate?.(record) === true) candidates += 1;
      others?.read(record.cluster);
      if (!isMeant(record) || !isFirstSeen(record)) return '';
      meant += 1;
      if (requests?.isNew(record) !== false) rows += 1;
      others?.shown(record.cluster);
      next?.add(record);
      return shown.record(record);
    },
    end: () => shown.end(),
    said: () => [
      ...(asksSomething(question)
        ? [
            `${counted(meant, 'record')} of ${all.toLocaleString('en-US')} ${questionText(question)}${ofTime}${stagesText(rows, meant)}.`,
          ]
        : []),
      ...(candidates === 0
        ? []
        : [
            `${counted(candidates, 'more record')} of that time may be of that actor, who is one of several: --candidates shows them.`,
          ]),
      ...(meant === 0 && asksSomething(question) ? occurring.words() : []),
      ...(question.firstSeenSince === undefined ? [] : [FIRST_IN_FILES]),
      ...(others?.said() ?? []),
      ...(next?.said() ?? []),
    ],
  };
}

function stagesText(requests: number, records: number): string {
  return requests === records ? '' : `: ${counted(requests, 'request')} with their stages`;
}

/** A table has a row for each request, whatever stages of it are recorded; a summary counts so too. */
function isTable({ format, summary }: AttributeOptions): boolean {
  return summary !== true && (format === 'table' || format === 'wide');
}

const FIRST_IN_FILES = 'First seen is meant of these files, which know nothing of before.';

/** Counts requests: a watch or an exec has a record for each of its stages. */
function summaryFormat({ format }: AttributeOptions, view: GroupView): RecordWriter {
  const known = groupFormat(format);
  const groups = new RecordGroups(keyOfActor);
  const seen = new ShownRequests(Number.POSITIVE_INFINITY);
  return {
    record(record) {
      if (seen.isNew(record)) groups.add(record);
      return '';
    },
    end: () => groupsText(groups.sorted(), BY_ACTOR, known, view),
  };
}
