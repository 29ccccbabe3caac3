import { type Unwrapping, unwrap } from '../../envelopes/unwrap.ts';
import type { JsonObject } from '../../json.ts';
import type { LogSearch, TimeInterval } from '../../ports/histories.ts';
import { epochMillis, formatInstant, HOUR } from '../../time.ts';
import type { CallsAsked, IssuedAsked, PodTrail } from './pod-trail.ts';

/** Answers of one question: each is up to 1 MB, and many are empty (API Reference, "FilterLogEvents"). */
const MOST_PAGES = 500;
/** Sessions whose calls are asked for: some twenty have room in one pattern. */
const MOST_SESSIONS = 100;
/** Characters of a pattern (API Reference, "FilterLogEvents"). */
const LONGEST_PATTERN = 1_024;
/** CloudTrail delivers to a log group within some minutes as a rule; which of both times an entry bears is not relied on. */
const LATE = HOUR;

interface Search extends TimeInterval {
  readonly pattern: string;
  /** For what, in words. */
  readonly what: string;
}

/**
 * A trail's log group, asked for what a question needs alone. Who names the group vouches for it; each message is looked at
 * again, since patterns pass more than is meant.
 */
export function trailOfLogGroup(logs: LogSearch): PodTrail {
  const notKnown: string[] = [];
  const all = async (searches: readonly Search[], take: (record: JsonObject) => void) => {
    for (const search of searches) {
      const flaw = await found(logs, search, take);
      if (flaw !== undefined) notKnown.push(flaw);
    }
  };
  return {
    issued: (asked, take) => all(asked.map(issuedSearch), take),
    async calls(asked, take) {
      const left = new Set(
        asked.slice(MOST_SESSIONS).map(({ accessKeyId, principalId }) => accessKeyId ?? principalId),
      );
      if (left.size > 0)
        notKnown.push(
          `The log group ${logs.logGroup} was not asked for the calls of ${left.size} more of the sessions.`,
        );
      await all(callSearches(asked.slice(0, MOST_SESSIONS)), take);
    },
    notKnown,
  };
}

/** Hands over what the search finds; what keeps it from being all, as a sentence. */
async function found(
  logs: LogSearch,
  { what, ...asked }: Search,
  take: (record: JsonObject) => void,
): Promise<string | undefined> {
  const { logGroup } = logs;
  let [token, latest]: [string | undefined, number] = [undefined, asked.from];
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const page = await logs.page(asked, token);
    if ('refused' in page) return `The log group ${logGroup} was not read for ${what}: ${page.refused}`;
    for (const payload of page.payloads) {
      unwrap(payload, () => logGroup, unwrapping(logGroup, take));
      latest = Math.max(latest, lastTimeOf(payload));
    }
    if (page.nextToken === undefined) return undefined;
    token = page.nextToken;
  }
  return `The log group ${logGroup} was not read to its end for ${what}: after ${MOST_PAGES} answers of FilterLogEvents what came behind ${formatInstant(epochMillis(latest))} is not told.`;
}

function unwrapping(logGroup: string, take: (record: JsonObject) => void): Unwrapping {
  return {
    trail: (record) => take(record),
    audit: () => undefined,
    ignored: () => undefined,
    reject: () => undefined,
    inflate: () => ({ ok: false, reason: 'awslogs-data-unreadable' }),
    countedGroups: [{ names: logGroup, content: 'cloudtrail' }],
  };
}

function lastTimeOf({ logEvents }: JsonObject): number {
  const times = Array.isArray(logEvents) ? logEvents.map(({ timestamp }) => Number(timestamp) || 0) : [];
  return Math.max(0, ...times);
}

/** Pod Identity names the pod in a list, which patterns do not look into: all that it issued then (FACTS, "The reverse way"). */
function issuedSearch({ serviceAccount, from, to }: IssuedAsked): Search {
  const byPodIdentity = equal('$.userIdentity.invokedBy', 'pods.eks.amazonaws.com');
  const byIrsa = equal('$.userIdentity.userName', `system:serviceaccount:${serviceAccount}`);
  const pattern = `{ ${equal('$.eventSource', 'sts.amazonaws.com')} && (${byPodIdentity} || ${byIrsa}) }`;
  return { pattern, from, to: epochMillis(to + LATE), what: 'the sessions that were issued to the pod' };
}

/** As many sessions in one pattern as it has room for. */
function callSearches(asked: readonly CallsAsked[]): readonly Search[] {
  const times = Map.groupBy(asked, ({ from, to }) => `${from} ${to}`);
  return [...times.values()].flatMap((together) => {
    const [first] = together;
    if (first === undefined) return [];
    const { from, to } = first;
    const late = { from, to: epochMillis(to + LATE), what: "the calls of the pod's sessions" };
    return patternsOf(together).map((pattern) => ({ ...late, pattern }));
  });
}

function patternsOf(asked: readonly CallsAsked[]): readonly string[] {
  const groups: string[][] = [];
  let length = LONGEST_PATTERN;
  for (const condition of new Set(asked.flatMap(conditionOf))) {
    length += condition.length + OR.length;
    if (length > LONGEST_PATTERN - AROUND_ALL) {
      groups.push([]);
      length = condition.length;
    }
    groups.at(-1)?.push(condition);
  }
  return groups.map((conditions) => `{ ${conditions.join(OR)} }`);
}

const OR = ' || ';
const AROUND_ALL = '{  }'.length;

function conditionOf({ accessKeyId, principalId }: CallsAsked): string[] {
  if (accessKeyId !== undefined) return [equal('$.userIdentity.accessKeyId', accessKeyId)];
  return principalId === undefined ? [] : [equal('$.userIdentity.principalId', principalId)];
}

/** Of a text with what a pattern gives a meaning to, its beginning: that passes more, never less. */
function equal(selector: string, text: string): string {
  const [plain = ''] = /^[\w .:/@+=,-]{0,300}/.exec(text) ?? [];
  return `(${selector} = "${plain}${plain === text ? '' : '*'}")`;
}
