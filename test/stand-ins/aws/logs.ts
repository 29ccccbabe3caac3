import { parseFilterPattern } from '../../../lib/doctor/filter-pattern.ts';
import { type JsonObject, textAt, textsAt as textListAt } from '../../../lib/json.ts';
import type { LogFilter } from '../../../lib/ports/cluster-logs.ts';
import { type AwsAnswer, type AwsRequest, json, refused, startAws, textsAt } from './server.ts';

/** One entry of a log stream. Times are epoch milliseconds. */
export interface LogEntry {
  readonly stream: string;
  readonly timestamp: number;
  readonly message: string;
}

/** A subscription filter as CloudWatch Logs returns it. */
export interface SubscriptionFilter {
  readonly filterName: string;
  readonly filterPattern: string;
  readonly destinationArn: string;
  readonly emitSystemFields?: readonly string[];
  readonly fieldSelectionCriteria?: string;
  readonly applyOnTransformedLogs?: boolean;
}

export interface LogsOptions {
  /** Entries by log group. */
  readonly groups?: Readonly<Record<string, readonly LogEntry[]>>;
  /** Entries of a page. AWS returns up to 10,000. */
  readonly pageSize?: number;
  /** Is awaited before each response. The request is in `requests` by then. */
  readonly beforeAnswer?: () => Promise<void>;
}

/**
 * CloudWatch Logs without HTTP (CloudWatch Logs API Reference). FilterLogEvents searches by stream prefix, pattern and time, both ends
 * included. It answers in pages, and some are empty. Each log group may have two subscription filters.
 */
export class LogGroups {
  readonly entries: Map<string, readonly LogEntry[]>;
  readonly filters = new Map<string, readonly SubscriptionFilter[]>();
  /** Tags by the ARN of their log group. */
  readonly tags = new Map<string, Readonly<Record<string, string>>>();
  /** Whether CloudWatch Logs may invoke the functions. It accepts no filter for a function that it may not invoke (FACTS). */
  mayInvoke = true;
  /** `<operation> <log group>` of the changes so far. */
  readonly changes: string[] = [];
  readonly #pageSize: number;

  constructor({ groups = {}, pageSize = 10_000 }: LogsOptions = {}) {
    this.entries = new Map(Object.entries(groups));
    this.#pageSize = pageSize;
  }

  /** Creates the log group with these subscription filters. */
  setFilters(group: string, filters: readonly LogFilter[]): void {
    const written = filters.map(({ name, pattern, destination, systemFields, condition, isOfTransformed }) => {
      const own = {
        filterName: name,
        filterPattern: pattern,
        destinationArn: destination,
        emitSystemFields: systemFields,
      };
      const selection = condition && { fieldSelectionCriteria: condition };
      return { ...own, ...selection, ...(isOfTransformed && { applyOnTransformedLogs: true }) };
    });
    this.filters.set(group, written);
  }

  filtersOf(group: string): readonly LogFilter[] | undefined {
    const filters = this.filters.get(group);
    return filters?.map(
      ({ filterName, filterPattern, destinationArn, emitSystemFields: systemFields = [], ...more }) => ({
        ...{ name: filterName, pattern: filterPattern, destination: destinationArn, systemFields },
        ...(more.fieldSelectionCriteria && { condition: more.fieldSelectionCriteria }),
        ...(more.applyOnTransformedLogs && { isOfTransformed: true as const }),
      }),
    );
  }

  answer({ operation, input }: Pick<AwsRequest, 'operation' | 'input'>): AwsAnswer {
    const [group = '', name = '', pattern = '', destination = ''] = textsAt(
      input,
      ...['logGroupName', 'filterName', 'filterPattern', 'destinationArn'],
    );
    if (operation === 'DescribeLogGroups') return json(this.#groupsOf(input));
    if (/tag/i.test(operation)) return this.#changeTags(operation, input);
    const entries = this.entries.get(group);
    if (operation === 'FilterLogEvents') return entries === undefined ? NO_GROUP : json(this.#pageOf(entries, input));
    const filters = this.filters.get(group);
    if (filters === undefined) return NO_GROUP;
    if (operation === 'DescribeSubscriptionFilters') return json({ subscriptionFilters: filters });
    if (operation === 'PutSubscriptionFilter' && !this.mayInvoke)
      return refused('InvalidParameterException', 'Could not execute the lambda function.');
    this.changes.push(`${operation} ${group}`);
    const others = filters.filter(({ filterName }) => filterName !== name);
    const put = putOver(
      filters.find(({ filterName }) => filterName === name),
      { name, pattern, destination, input },
    );
    const kept = operation === 'PutSubscriptionFilter' ? [...others, put] : others;
    if (kept.length > 2) return refused('LimitExceededException');
    this.filters.set(group, kept);
    return json({});
  }

  /** Returns a page of two log groups whose names begin with the prefix. */
  #groupsOf({ logGroupNamePrefix = '', nextToken }: JsonObject): JsonObject {
    const names = [...this.filters.keys()].filter((name) => name.startsWith(String(logGroupNamePrefix))).toSorted();
    const start = Number(nextToken ?? 0);
    const logGroups = names.slice(start, start + 2).map((logGroupName) => ({ logGroupName }));
    return { logGroups, ...(start + 2 < names.length && { nextToken: String(start + 2) }) };
  }

  #changeTags(operation: string, input: JsonObject): AwsAnswer {
    const [arn = ''] = textsAt(input, 'resourceArn');
    const group = /^arn:aws:logs:[a-z0-9-]+:\d{12}:log-group:([^:]+)$/.exec(arn)?.[1] ?? '';
    if (!this.filters.has(group)) return NO_GROUP;
    const tags = { ...this.tags.get(arn) };
    if (operation === 'ListTagsForResource') return json({ tags });
    this.changes.push(`${operation} ${group}`);
    for (const key of textListAt(input, 'tagKeys') ?? []) delete tags[key];
    this.tags.set(arn, { ...tags, ...(input.tags as Readonly<Record<string, string>> | undefined) });
    return json({});
  }

  #pageOf(entries: readonly LogEntry[], input: JsonObject): JsonObject {
    const { startTime, endTime, nextToken } = input;
    const from = typeof startTime === 'number' ? startTime : 0;
    const to = typeof endTime === 'number' ? endTime : Number.POSITIVE_INFINITY;
    const [prefix = '', pattern = ''] = textsAt(input, 'logStreamNamePrefix', 'filterPattern');
    const passes = parseFilterPattern(pattern) ?? (() => false);
    const found = entries.filter(
      ({ stream, timestamp }) => stream.startsWith(prefix) && timestamp >= from && timestamp <= to,
    );
    const start = typeof nextToken === 'string' ? Number(nextToken) : 0;
    const end = start + this.#pageSize;
    const page = found.slice(start, end).filter(({ message }) => passes(message));
    const events = page.map(({ stream, timestamp, message }, at) => ({
      logStreamName: stream,
      timestamp,
      message,
      ingestionTime: timestamp,
      eventId: String(start + at),
    }));
    return { events, ...(end < found.length && { nextToken: String(end) }) };
  }
}

const NO_GROUP = refused('ResourceNotFoundException', 'The specified log group does not exist.');

/** The stand-in for CloudWatch Logs on this machine. */
export interface LogsServer {
  readonly url: string;
  readonly groups: LogGroups;
  /** The bodies of the requests so far, in order. The list grows. */
  readonly requests: readonly JsonObject[];
  /** Operations that are denied from now on. */
  readonly denied: Set<string>;
  /** Refuses every request from now on, with the error of this name. */
  refuse(name: string | undefined): void;
  close(): Promise<void>;
}

export async function startLogs(options: LogsOptions = {}): Promise<LogsServer> {
  const groups = new LogGroups(options);
  const requests: JsonObject[] = [];
  const denied = new Set<string>();
  let refusal: string | undefined;
  const listening = await startAws(async (request) => {
    requests.push(request.input);
    await options.beforeAnswer?.();
    if (denied.has(request.operation)) return refused('AccessDeniedException');
    return refusal === undefined ? groups.answer(request) : refused(refusal);
  });
  return {
    ...listening,
    groups,
    requests,
    denied,
    refuse: (name) => {
      refusal = name;
    },
  };
}

interface FilterPut {
  readonly name: string;
  readonly pattern: string;
  readonly destination: string;
  readonly input: JsonObject;
}

/** Returns the filter after the request. What it does not state stays: of system fields that is known, of the others it is possible (FACTS). */
function putOver(
  before: SubscriptionFilter | undefined,
  { name, pattern, destination, input }: FilterPut,
): SubscriptionFilter {
  const fieldSelectionCriteria = textAt(input, 'fieldSelectionCriteria') ?? before?.fieldSelectionCriteria;
  const applyOnTransformedLogs = input.applyOnTransformedLogs ?? before?.applyOnTransformedLogs;
  return {
    ...{ filterName: name, filterPattern: pattern, destinationArn: destination },
    emitSystemFields: textListAt(input, 'emitSystemFields') ?? before?.emitSystemFields ?? [],
    ...(fieldSelectionCriteria && { fieldSelectionCriteria }),
    ...(applyOnTransformedLogs === true && { applyOnTransformedLogs }),
  };
}
