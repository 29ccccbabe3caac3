import type { AuditRecord } from '../../attribution/record.ts';
import { placeText, productOf } from '../../words/used-from.ts';
import { requestIdentity, Span } from './requests.ts';

/** Limits the source IPs that are listed. */
const MOST_SOURCES = 20;
/** Limits the programs of one source IP. */
const MOST_PROGRAMS = 3;

/** The requests from one source IP. The client writes the user agent, so the programs are its own word. */
export interface SourceUse {
  readonly ip: string;
  readonly programs: readonly string[];
  readonly requests: number;
  readonly first?: string | undefined;
  readonly last?: string | undefined;
}

/** Counts requests by source IP. Requests can come in any order, and any number of them takes limited memory. */
export class SourcesCollector {
  readonly #sources = new Map<string, { readonly programs: Set<string>; readonly span: Span; requests: number }>();
  #left = 0;

  /** The number of requests from further source IPs. A client that has many addresses must not fill the memory. */
  get left(): number {
    return this.#left;
  }

  add({ source, time }: AuditRecord): void {
    const ip = source?.ips?.at(-1);
    if (ip === undefined) return;
    const known = this.#sources.get(ip);
    if (known === undefined && this.#sources.size >= MOST_SOURCES) {
      this.#left += 1;
      return;
    }
    const use = known ?? { programs: new Set(), span: new Span(), requests: 0 };
    this.#sources.set(ip, use);
    const program = productOf(source?.userAgent);
    if (program !== undefined && use.programs.size < MOST_PROGRAMS) use.programs.add(program);
    use.span.add(time);
    use.requests += 1;
  }

  /** Returns the source IPs, the one with the most requests first. */
  result(): readonly SourceUse[] {
    return [...this.#sources]
      .map(
        ([
          ip,
          {
            programs,
            span: { first, last },
            requests,
          },
        ]) => {
          return { ip, programs: [...programs].sort(), requests, first, last };
        },
      )
      .sort((a, b) => b.requests - a.requests || (a.ip < b.ip ? -1 : 1));
  }
}

/** The source IPs of requests, if there are several. */
export interface SeveralSources {
  /** The source IPs, at most 20, the one with the most requests first. Absent if there is only one, or none. */
  readonly sources?: readonly SourceUse[] | undefined;
  /** The number of requests from further source IPs. Absent if there are none. */
  readonly sourcesLeft?: number | undefined;
}

/** Returns the source IPs of a collector if they are several. */
export function severalOf(collector: SourcesCollector): SeveralSources {
  const sources = collector.result();
  return sources.length < 2 ? {} : { sources, ...(collector.left > 0 && { sourcesLeft: collector.left }) };
}

/** Returns the source IPs of the records, if they are several. Each request counts once, however many stages it has. */
export function sourcesOf(records: readonly AuditRecord[]): SeveralSources {
  const [collector, seen] = [new SourcesCollector(), new Set<string>()];
  for (const record of records) if (seen.size < seen.add(requestIdentity(record)).size) collector.add(record);
  return severalOf(collector);
}

/** Returns the source IPs in words: `from 2 source IPs: 76 from 10.0.1.15 with kubelet, 1 from 203.0.113.9 with curl`. Undefined if there are not several. */
export function sourcesText({ sources, sourcesLeft }: SeveralSources): string | undefined {
  if (sources === undefined) return undefined;
  const each = sources.map(({ ip, programs, requests }) => {
    return `${requests.toLocaleString('en-US')}${placeText(ip, programs.length === 0 ? undefined : programs.join(', '))}`;
  });
  const [count, others] =
    sourcesLeft === undefined ? [sources.length] : [`more than ${sources.length}`, furtherText(sourcesLeft)];
  return `from ${count} source IPs: ${[...each, ...(others === undefined ? [] : [others])].join(', ')}`;
}

/** Says how many requests came from further source IPs. */
export function furtherText(requests: number): string {
  return `${requests.toLocaleString('en-US')} more from other source IPs`;
}
