import { placeOf } from '../../attribution/place.ts';
import type { AuditRecord } from '../../attribution/record.ts';
import type { Looked } from '../activity/request-source.ts';
import { byTime, Span } from '../activity/requests.ts';
import { GRAVE_KINDS, type GraveKind, graveKindsOf } from './grave.ts';
import type { Activity, GraveRequests, PlaceCount, RequestLine } from './report.ts';

/** Of each grave kind so many requests are listed. */
const MOST_LISTED = 20;
/** Whoever calls can name any namespace. */
const MOST_PLACES = 200;

/** What somebody did, as its requests come in whatever order: bounded, however many they are. */
export class ActivityGathering {
  #requests = 0;
  readonly #span = new Span();
  readonly #grave = new Map<GraveKind, { count: number; listed: RequestLine[] }>();
  readonly #places = new Map<string, { place: Omit<PlaceCount, 'count'>; count: number }>();
  #placesLeft = 0;

  add(record: AuditRecord): void {
    this.#requests += 1;
    this.#span.add(record.time);
    this.#addPlace(record);
    const kinds = graveKindsOf(record);
    if (kinds.length === 0) return;
    const line = requestLine(record);
    for (const kind of kinds) this.#addGrave(kind, line);
  }

  result(looked: Looked): Activity {
    const { first, last } = this.#span;
    const counts = [...this.#places.values()].map(({ place, count }) => ({ ...place, count })).sort(mostFirst);
    const grave = GRAVE_KINDS.flatMap((kind): GraveRequests[] => {
      const found = this.#grave.get(kind);
      return found === undefined ? [] : [{ kind, ...found }];
    });
    return { requests: this.#requests, first, last, grave, counts, countsLeft: this.#placesLeft, ...looked };
  }

  #addGrave(kind: GraveKind, line: RequestLine): void {
    const found = this.#grave.get(kind) ?? { count: 0, listed: [] };
    this.#grave.set(kind, found);
    found.count += 1;
    found.listed.push(line);
    if (found.listed.length > 1) found.listed.sort(byTime);
    if (found.listed.length > MOST_LISTED) found.listed.pop();
  }

  #addPlace(record: AuditRecord): void {
    const { namespace } = placeOf(record);
    const place = { cluster: record.cluster, namespace, verb: record.request?.verb ?? '' };
    const key = JSON.stringify(place);
    const known = this.#places.get(key);
    if (known !== undefined) known.count += 1;
    else if (this.#places.size < MOST_PLACES) this.#places.set(key, { place, count: 1 });
    else this.#placesLeft += 1;
  }
}

function mostFirst(a: PlaceCount, b: PlaceCount): number {
  return b.count - a.count || (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
}

export function requestLine({
  time,
  auditId,
  cluster,
  request,
  response,
  source,
  impersonated,
  authorization,
  attribution,
}: AuditRecord): RequestLine {
  const { namespace, verb, resource, subresource, name, uri } = request ?? {};
  return {
    time,
    auditId,
    cluster,
    namespace,
    verb,
    resource: subresource === undefined ? resource : `${resource}/${subresource}`,
    name,
    uri: resource === undefined ? uri : undefined,
    code: response?.code,
    ip: source?.ips?.at(-1),
    userAgent: source?.userAgent,
    impersonated: impersonated && (impersonated.original ?? impersonated.username),
    reason: attribution.flags.includes('anonymous-access') ? authorization?.reason : undefined,
  };
}
