import type { Attribution } from '../attribution/attribution.ts';
import { lastGrant } from '../attribution/role-of-record.ts';

/**
 * Where a request came from, according to its record. The client can write the user agent, and all source IPs but the
 * last.
 */
export interface RequestOrigin {
  readonly ips?: readonly string[] | undefined;
  readonly userAgent?: string | undefined;
}

/**
 * Says where the credentials were issued to and where they were used: `Assumed from 203.0.113.12 with aws-cli, used
 * from 45.83.64.11 with python-requests. The source IP and the user agent differ.` Undefined if one of the two is not
 * known.
 */
export function usedFrom(
  { chain = [] }: Pick<Attribution, 'chain'>,
  source: RequestOrigin | undefined,
): string | undefined {
  return usedFromPlaces('Assumed', lastGrant(chain) ?? {}, source === undefined ? [] : [source]);
}

/**
 * Returns the sentence of `usedFrom` for several requests of one session, if one came from another public source IP.
 * Otherwise undefined. A private source IP proves nothing. Behind a private endpoint every request has one, but AWS's
 * API never sees it. For a sign-in (`aws-internal`), the grant has a source IP of AWS.
 */
export function usedElsewhere(
  { chain = [] }: Pick<Attribution, 'chain'>,
  sources: readonly RequestOrigin[],
): string | undefined {
  const issued: IssuingOrigin = lastGrant(chain) ?? {};
  const isOfSignIn = productOf(issued.userAgent) === SIGN_IN;
  const isElsewhere =
    !isOfSignIn &&
    sources.some(({ ips }) => {
      const ip = ips?.at(-1);
      return areOtherAddresses(issued.sourceIp, ip) && !PRIVATE.test(ip ?? '');
    });
  return isElsewhere ? usedFromPlaces('Assumed', issued, sources) : undefined;
}

/** Where the call that issued the credentials came from. */
interface IssuingOrigin {
  readonly sourceIp?: string | undefined;
  readonly userAgent?: string | undefined;
}

/** The maximum number of places that are named. */
const MOST_PLACES = 3;

/**
 * Says where credentials were issued to, and all places where they were used. `issued` is the beginning of the
 * sentence. Undefined if one of the two is not known. At a sign-in (`aws-internal`), the grant has a source IP of AWS,
 * which is compared with none.
 */
export function usedFromPlaces(
  issued: string,
  { sourceIp, userAgent }: IssuingOrigin,
  uses: readonly RequestOrigin[],
): string | undefined {
  const places = uses.map(({ ips, userAgent: agent }) => ({ ip: ips?.at(-1), product: productOf(agent) }));
  const shown = [...new Set(places.map(({ ip, product }) => placeText(ip, product)))].filter((text) => text !== '');
  if ((sourceIp ?? userAgent) === undefined || shown.length === 0) return undefined;
  const issuedWith = productOf(userAgent);
  const isSignIn = issuedWith === SIGN_IN;
  const differs = [
    ...(!isSignIn && places.some(({ ip }) => areOtherAddresses(sourceIp, ip)) ? ['source IP'] : []),
    ...(places.some(({ product }) => areUnlike(issuedWith, product)) ? ['user agent'] : []),
  ];
  const more = shown.length > MOST_PLACES ? ` and ${shown.length - MOST_PLACES} more places` : '';
  const sentence = `${issued}${placeText(sourceIp, issuedWith)}, used${shown.slice(0, MOST_PLACES).join(' and')}${more}.`;
  if (differs.length === 0) return sentence;
  return `${sentence} The ${differs.join(' and the ')} ${differs.length === 1 ? 'differs' : 'differ'}.`;
}

/** The user agent of AWS itself, at a sign-in. */
const SIGN_IN = 'aws-internal';
/** The programs that get credentials for a Kubernetes client. */
const ISSUED_WITH: readonly string[] = ['aws-cli', 'aws-iam-authenticator', 'eksctl', SIGN_IN];
/** The Kubernetes clients that people use with such credentials. */
const USED_WITH: readonly string[] = ['kubectl', 'kubectl.exe', 'eksctl'];

/**
 * Returns whether a difference between two products means anything. With `aws eks get-token`, every login has aws-cli
 * and then kubectl, so this difference says nothing (CONTRACT, 12.18).
 */
function areUnlike(issuedWith: string | undefined, usedWith: string | undefined): boolean {
  if (issuedWith === undefined || usedWith === undefined || issuedWith === usedWith) return false;
  return !(ISSUED_WITH.includes(issuedWith) && USED_WITH.includes(usedWith));
}

/** Returns ` from 203.0.113.12 with aws-cli`, as far as it is known. */
export function placeText(ip: string | undefined, agent: string | undefined): string {
  return `${ip === undefined ? '' : ` from ${ip}`}${agent === undefined ? '' : ` with ${agent}`}`;
}

/** Returns the product of a user agent, without its version: `aws-cli` of `aws-cli/2.15.30 Python/3.11`. */
export function productOf(userAgent: string | undefined): string | undefined {
  return userAgent === undefined ? undefined : /^[^/\s]+/.exec(userAgent)?.[0];
}

/** Matches private IPv4 addresses (RFC 1918), those of carriers (RFC 6598), and local IPv6 ones (RFC 4193). */
const PRIVATE = /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|f[cd])/i;

function areOtherAddresses(issuedTo: string | undefined, usedFrom: string | undefined): boolean {
  return isAddress(issuedTo) && isAddress(usedFrom) && issuedTo !== usedFrom;
}

/**
 * Returns whether the text is an IP address. If an AWS service made the call, CloudTrail has the name of the service
 * instead.
 */
function isAddress(text: string | undefined): boolean {
  return text !== undefined && /^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f:.]*:[0-9a-f:.]*)$/i.test(text);
}
