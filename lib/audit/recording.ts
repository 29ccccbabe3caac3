import type { ErrorCode } from '../error-code.ts';
import { isAllowedProbe, isAnonymousRefused } from './anonymous-access.ts';
import type { AuditEvent } from './audit-event.ts';
import { resourceMatcher } from './resource-matcher.ts';
import { canonicalResource } from './resource-words.ts';

/**
 * Which requests of anonymous callers become records, from the fewest to all. `allowed`: those that were not refused,
 * except health checks. `no-probes`: also the refused ones. `all`: also allowed health checks.
 */
export const ANONYMOUS = ['allowed', 'no-probes', 'all'] as const;
export type AnonymousRecording = (typeof ANONYMOUS)[number];

/**
 * Which audit events become records. The operator can leave out reads of chosen resources, and requests of anonymous
 * callers.
 */
export interface Recording {
  /** The resources whose reads are left out, written as in an audit policy. If it is empty, all reads are recorded. */
  readonly omits: readonly string[];
  /** Returns whether the event is left out. */
  omitted(event: AuditEvent): boolean;
}

/** Records every event. */
export const RECORD_ALL: Recording = { omits: [], omitted: () => false };

export class RecordingError extends Error {
  readonly code = 'recording' satisfies ErrorCode;
}

const OMIT_READS = 'omit-reads:';
const LONGEST = 1_024;
/**
 * Matches a resource, with an API group or a subresource if one is given (DNS labels). The resource and the subresource
 * can be `*`.
 */
const RESOURCE = /^(?:\*|[a-z0-9][a-z0-9-]*)(?:\.[a-z0-9.-]+)?(?:\/(?:\*|[a-z0-9-]+))?$/;

const READS: readonly string[] = ['get', 'list', 'watch'];
const SECRETS = 'secrets';
/**
 * Subresources whose requests change something although their verb can be that of a read. An exec over WebSockets is a
 * `get`. `token` is among them, because it issues a token.
 */
const ACTING: readonly string[] = ['exec', 'attach', 'portforward', 'proxy', 'token'];

/**
 * Parses `all`, or `omit-reads:<resource>[,<resource>…]`. Resources are written as for `records --resource`. `*` stands
 * for all.
 * @throws RecordingError that says what is wrong.
 */
export function parseRecording(text: string, anonymous: AnonymousRecording = 'all'): Recording {
  const ofAnonymous = OMITTED_ANONYMOUS[anonymous];
  if (text === 'all') return { omits: [], omitted: ofAnonymous };
  if (!text.startsWith(OMIT_READS)) throw wrong(`${JSON.stringify(text)} is neither all nor a list of omit-reads:`);
  if (text.length > LONGEST) throw wrong(`The value has more than ${LONGEST} characters`);
  const written = text.slice(OMIT_READS.length).split(',');
  const omits = [...new Set(written.map((each) => resourceOf(each.trim())))];
  const matchers = omits.map(resourceMatcher);
  const isOmittedRead = (event: AuditEvent) => isMereRead(event) && matchers.some((matches) => matches(event.request));
  return { omits, omitted: (event) => isOmittedRead(event) || ofAnonymous(event) };
}

const OMITTED_ANONYMOUS: Readonly<Record<AnonymousRecording, Recording['omitted']>> = {
  allowed: (event) => isAllowedProbe(event) || isAnonymousRefused(event),
  'no-probes': isAllowedProbe,
  all: () => false,
};

function resourceOf(written: string): string {
  const resource = canonicalResource(written);
  if (!RESOURCE.test(resource)) throw wrong(`${JSON.stringify(written)} is no resource`);
  const [kind = '', subresource = ''] = resource.split('/');
  const isKept = kind.split('.')[0] === SECRETS || ACTING.includes(subresource);
  if (isKept) throw wrong(`${JSON.stringify(written)} is always recorded`);
  return resource;
}

function wrong(what: string): RecordingError {
  return new RecordingError(
    `${what}. Give all, or omit-reads: followed by resources, such as omit-reads:events,leases,nodes/metrics. * stands for all resources.`,
  );
}

/**
 * Returns whether the event is an allowed read by a caller whom the cluster knows, and nothing more. A field that is
 * missing, or that no API server would write, counts against it. A lost event is worse than one too many. Source of the
 * decision `allow` or `forbid`: k8s.io/apiserver/pkg/endpoints/filters/authorization.go. Source of the stages:
 * audit.k8s.io/v1.
 */
function isMereRead(event: AuditEvent): boolean {
  const { request, responseCode = 0, authorization, at, stage } = event;
  return (
    READS.includes(request.verb ?? '') &&
    at !== undefined &&
    (stage === 'ResponseStarted' || stage === 'ResponseComplete') &&
    responseCode >= 200 && // 101 is the beginning of a stream in both directions
    responseCode < 400 &&
    authorization?.decision === 'allow' &&
    request.resource !== SECRETS &&
    !ACTING.includes(request.subresource ?? '') &&
    !isOfNobodyKnown(event) &&
    event.impersonated === undefined &&
    event.issuedCredentialId === undefined &&
    event.created === undefined
  );
}

function isOfNobodyKnown({ caller: { kind } }: AuditEvent): boolean {
  return kind === 'anonymous' || kind === 'malformed';
}
