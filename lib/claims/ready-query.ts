import { isAccessKeyId } from '../identity/access-key.ts';
import { singleQuoted } from '../shell.ts';
import { parseInstant } from '../time.ts';
import { type Claim, type ClaimSummary, gravest, isListed } from './claim.ts';
import { anonymousAddress, isNamelessSession, isSessionPrincipal } from './identity.ts';

/**
 * Where the recipient of an alert can look up records: at an API, or in the tables themselves. The API's address has
 * no credentials.
 */
export type ServiceAddress =
  | { readonly api: string }
  | { readonly tables: string; readonly region?: string | undefined };

/**
 * Returns a command that lists the claim's records. No text of a caller in it can look like another line of the alert.
 */
export function readyQuery(claim: Claim, summary: ClaimSummary, at: ServiceAddress | undefined): string {
  return readyCommand('records', [...questionOf(claim, summary), ...rangeOf(summary)], at);
}

/** Returns a command with these options. Their values must be harmless (`isHarmless`). */
export function readyCommand(name: string, given: readonly Option[], at: ServiceAddress | undefined): string {
  const options = [...placeOf(at), ...given].map(([option, value]) => `--${option} ${singleQuoted(value)}`);
  const region = at !== undefined && 'region' in at && at.region !== undefined ? [`AWS_REGION=${at.region}`] : [];
  return [...region, `eks-whois ${name}`, ...options].join(' ');
}

export type Option = readonly [name: string, value: string];

function placeOf(at: ServiceAddress | undefined): Option[] {
  if (at === undefined) return [];
  return ['api' in at ? ['api', at.api] : ['table', at.tables]];
}

/**
 * Returns the filters that select the claim's records most exactly: by key, session, status or place. Leaves out values
 * that cannot be shown.
 */
function questionOf(claim: Claim, summary: ClaimSummary): Option[] {
  const { caller, session } = claim;
  const { accessKeyId } = caller;
  if (caller.kind === 'anonymous') return filtersOfAnonymous(anonymousAddress(claim), summary);
  if (accessKeyId !== undefined && isAccessKeyId(accessKeyId)) return [['session', accessKeyId]];
  if (isHarmless(session) && (isSessionPrincipal(session) || isNamelessSession(session))) return [['session', session]];
  const status = gravest(summary.statuses);
  if (status !== undefined && isListed(status)) return [['status', status]];
  const [cluster, namespace] = [summary.clusters, summary.namespaces].map((names) => names.find(isHarmless));
  return cluster === undefined || namespace === undefined
    ? [['status', 'unattributed']]
    : [
        ['cluster', cluster],
        ['namespace', namespace],
      ];
}

/** Returns the filters for anonymous callers, who have no session: the flag, the cluster and the source IP. */
function filtersOfAnonymous(address: string | undefined, { clusters }: ClaimSummary): Option[] {
  return [
    ['flag', 'anonymous-access'],
    ...clusters.filter(isHarmless).map((cluster): Option => ['cluster', cluster]),
    ...(address !== undefined && /^[\da-f.:]{2,45}$/i.test(address) ? [['ip', address] as const] : []),
  ];
}

/**
 * Limits the characters of a value. A longer text, or one with several spaces in a row, could look like another line
 * of the alert.
 */
const LONGEST = 256;
const HARMFUL = /[\p{C}\p{Zl}\p{Zp}]|\s{2}/u;

/** Returns whether the text can be in a command without looking like another line of the alert. */
export function isHarmless(text: string): boolean {
  return text.length <= LONGEST && !HARMFUL.test(text);
}

/** The times of the first and the last event, as the events have them. */
export interface Times {
  readonly first?: string | undefined;
  readonly last?: string | undefined;
}

/**
 * Returns the time range as options, if both ends are readable. Events without a readable time are in no time range.
 */
export function rangeOf({ first, last }: Times): Option[] {
  const [from, to] = [first, last].map((text) => (text === undefined ? undefined : parseInstant(text)));
  if (first === undefined || last === undefined || from === undefined || to === undefined || from > to) return [];
  return [
    ['from', first],
    ['to', last],
  ];
}
