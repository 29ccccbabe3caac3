import type { AuditRecord } from '../../attribution/record.ts';
import { senderOf } from '../../identity/cluster.ts';
import { byTurns, fewerInTurns } from '../../turns.ts';
import { placeText, productOf } from '../../words/used-from.ts';
import { requestIdentity, Span } from './requests.ts';

/** Limits the source IPs that are listed. */
const MOST_SOURCES = 20;
/** Limits the programs of one source IP. */
const MOST_PROGRAMS = 3;

/**
 * The requests from one source IP, and the programs in their user agents. The client writes the user agent, so programs
 * are unproven.
 */
export interface SourceUse {
  readonly ip: string;
  readonly programs: readonly string[];
  readonly requests: number;
  readonly first?: string | undefined;
  readonly last?: string | undefined;
}

/** The use of a source IP, with the accounts that sent the requests. */
interface SentSourceUse extends SourceUse {
  readonly senders: readonly (string | undefined)[];
}

/** The requests from one source IP that one account sent. */
class SenderUse {
  readonly programs = new Set<string>();
  readonly span = new Span();
  requests = 0;

  add({ source, time }: AuditRecord): void {
    const program = productOf(source?.userAgent);
    if (program !== undefined && this.programs.size < MOST_PROGRAMS) this.programs.add(program);
    this.span.add(time);
    this.requests += 1;
  }
}

/**
 * Counts requests by source IP. Requests can come in any order, and memory for each account is limited. An account can
 * forge requests from any number of addresses. So the accounts take turns, and none hides the addresses of others.
 */
export class SourcesCollector {
  readonly #senders = new Map<string | undefined, Map<string, SenderUse>>();
  #requests = 0;

  add(record: AuditRecord): void {
    const ip = record.source?.ips?.at(-1);
    if (ip === undefined) return;
    this.#requests += 1;
    const sender = senderOf(record);
    const uses = this.#senders.get(sender) ?? new Map<string, SenderUse>();
    this.#senders.set(sender, uses);
    const known = uses.get(ip);
    if (known === undefined && uses.size >= MOST_SOURCES) return;
    const use = known ?? new SenderUse();
    uses.set(ip, use);
    use.add(record);
  }

  /** Returns the source IPs, the one with the most requests first. */
  result(): readonly SentSourceUse[] {
    const sent = [...this.#senders].flatMap(([sender, uses]) => [...uses].map(([ip, use]) => ({ ip, sender, use })));
    const all = [...Map.groupBy(sent, ({ ip }) => ip)].map(([ip, of]): SentSourceUse => {
      const span = new Span();
      for (const { use } of of) for (const time of [use.span.first, use.span.last]) span.add(time);
      const programs = new Set(byTurns(of.map(({ use }) => [...use.programs])));
      return {
        ip,
        programs: [...programs].slice(0, MOST_PROGRAMS).sort(),
        requests: of.reduce((sum, { use }) => sum + use.requests, 0),
        first: span.first,
        last: span.last,
        senders: of.map(({ sender }) => sender),
      };
    });
    const sorted = all.sort((a, b) => b.requests - a.requests || (a.ip < b.ip ? -1 : 1));
    return fewerInTurns(sorted, ({ senders }) => senders, MOST_SOURCES);
  }

  /** Returns the source IPs if there are several, or else an empty object. */
  several(): SeveralSources {
    const sources = this.result().map(({ senders: _, ...use }) => use);
    const left = this.#requests - sources.reduce((sum, { requests }) => sum + requests, 0);
    return sources.length < 2 ? {} : { sources, ...(left > 0 && { sourcesLeft: left }) };
  }
}

/** The source IPs of requests, if there are several. */
export interface SeveralSources {
  /** The source IPs, at most 20, the one with the most requests first. Absent if there is only one, or none. */
  readonly sources?: readonly SourceUse[] | undefined;
  /** The number of requests from further source IPs. Absent if there are none. */
  readonly sourcesLeft?: number | undefined;
}

/**
 * Returns the source IPs of the records if there are several, or else an empty object. Each request counts once,
 * however many stages it has.
 */
export function sourcesOf(records: readonly AuditRecord[]): SeveralSources {
  const [collector, seen] = [new SourcesCollector(), new Set<string>()];
  for (const record of records) if (seen.size < seen.add(requestIdentity(record)).size) collector.add(record);
  return collector.several();
}

/**
 * Returns the source IPs in words. Undefined if there are not several.
 * @example `from 2 source IPs: 76 from 10.0.1.15 with kubelet, 1 from 203.0.113.9 with curl`
 */
export function sourcesText({ sources, sourcesLeft }: SeveralSources): string | undefined {
  if (sources === undefined) return undefined;
  const each = sources.map(({ ip, programs, requests }) => {
    return `${requests.toLocaleString('en-US')}${placeText(ip, programs.length === 0 ? undefined : programs.join(', '))}`;
  });
  const [count, others] =
    sourcesLeft === undefined ? [sources.length] : [`more than ${sources.length}`, furtherText(sourcesLeft)];
  return `from ${count} source IPs: ${[...each, ...(others === undefined ? [] : [others])].join(', ')}`;
}

/** Returns words for the number of requests that came from further source IPs. */
export function furtherText(requests: number): string {
  return `${requests.toLocaleString('en-US')} more from other source IPs`;
}
