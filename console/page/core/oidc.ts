/**
 * OpenID Connect for a public client: the authorization code with PKCE, and refresh tokens; no more. Asked of the issuer alone,
 * over TLS. Sources: OpenID Connect Core 1.0 and Discovery 1.0, RFC 6749, 7636, 9207 and 9700.
 */

import { isJsonObject, parseJson } from '../../../lib/json.ts';

/** What an issuer says of itself, as far as it is needed. */
export interface Issuer {
  readonly issuer: string;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  /** Whether it says in each answer that it is the one who answers (RFC 9207). */
  readonly namesItself: boolean;
}

/** What an issuer gives. */
export interface Given {
  readonly accessToken: string;
  readonly idToken: string | undefined;
  readonly refreshToken: string | undefined;
  /** How long the access token is good, in seconds. */
  readonly expiresIn: number | undefined;
}

/** What is remembered while somebody is at the issuer: no secret that outlives the way back. */
export interface OnTheWay {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  /** Where in the console they were: the page's address behind its path, which leads to no other origin. */
  readonly link: string;
}

/** What was kept on the way there; undefined where it is not ours. A link that would lead anywhere else is left out. */
export function wayOf(text: string): OnTheWay | undefined {
  const kept = parseJson(text);
  if (!kept.ok || !isJsonObject(kept.value)) return undefined;
  const { state, nonce, verifier, link } = kept.value;
  if (typeof state !== 'string' || typeof nonce !== 'string' || typeof verifier !== 'string') return undefined;
  return { state, nonce, verifier, link: typeof link === 'string' && /^[?#]/.test(link) ? link : '' };
}

/** The issuer said no, in its own words; the same question gets the same answer. */
export class IssuerRefusal extends Error {}

/** Clocks differ so much, in seconds. */
const TOLERANCE = 30;

/** @throws Error where it cannot be asked, or is not the issuer that was asked for. */
export async function discover(url: string): Promise<Issuer> {
  const address = protectedUrl(`${url.replace(/\/$/, '')}/.well-known/openid-configuration`);
  const answer = await fetch(address, { headers: { accept: 'application/json' }, redirect: 'error' });
  if (!answer.ok) throw new Error(`${address} answered ${answer.status}`);
  const said = objectOf(await answer.json());
  const { issuer } = said;
  if (typeof issuer !== 'string' || new URL(issuer).href !== new URL(url).href)
    throw new Error('the issuer says that it is another one');
  return {
    issuer,
    authorizationEndpoint: protectedUrl(said.authorization_endpoint),
    tokenEndpoint: protectedUrl(said.token_endpoint),
    namesItself: said.authorization_response_iss_parameter_supported === true,
  };
}

/** Nothing is sent in the clear, but to an issuer on this machine, as tests have one. */
function protectedUrl(value: unknown): string {
  const { protocol, hostname, href } = new URL(typeof value === 'string' ? value : 'none:');
  if (protocol !== 'https:' && hostname !== '127.0.0.1' && hostname !== 'localhost')
    throw new Error('the issuer has no address that is protected by TLS');
  return href;
}

/** A text that nobody can guess: 256 bits. */
export function secret(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

/** Of a verifier, what may be seen on the way there. */
export async function challengeOf(verifier: string): Promise<string> {
  return base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))));
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

/** The code with which the issuer sent somebody back. @throws IssuerRefusal. @throws Error where it is no answer to this question. */
export function codeIn(answer: URLSearchParams, state: string, { issuer, namesItself }: Issuer): string {
  const only = (name: string): string | undefined => {
    const values = answer.getAll(name);
    if (values.length > 1) throw new Error(`the answer has several values of ${name}`);
    return values[0];
  };
  const from = only('iss');
  if (from === undefined ? namesItself : from !== issuer) throw new Error('the answer is not of this issuer');
  if (only('state') !== state) throw new Error('the answer is to another question');
  const error = only('error');
  if (error !== undefined) throw new IssuerRefusal(only('error_description') ?? error);
  const code = only('code');
  if (code === undefined) throw new Error('the answer has no code');
  return code;
}

/** What the issuer gives for what it is told. @throws IssuerRefusal. @throws Error where it cannot be asked. */
export async function tokensFor(
  told: Readonly<Record<string, string>>,
  { tokenEndpoint }: Pick<Issuer, 'tokenEndpoint'>,
): Promise<Given> {
  const answer = await fetch(tokenEndpoint, {
    method: 'POST',
    headers: { accept: 'application/json' },
    body: new URLSearchParams(told),
    redirect: 'error',
    credentials: 'omit',
    cache: 'no-store',
  });
  const body = objectOf(await answer.json().catch(() => undefined));
  const text = (name: string) => {
    const value = body[name];
    return typeof value === 'string' ? value : undefined;
  };
  const error = text('error');
  if (answer.status < 500 && error !== undefined) throw new IssuerRefusal(text('error_description') ?? error);
  const accessToken = text('access_token');
  if (!answer.ok || accessToken === undefined) throw new Error(`the issuer gave no token (${answer.status})`);
  if (text('token_type')?.toLowerCase() !== 'bearer') throw new Error('the issuer gave a token of another type');
  const { expires_in: expiresIn } = body;
  return {
    accessToken,
    idToken: text('id_token'),
    refreshToken: text('refresh_token'),
    expiresIn: typeof expiresIn === 'number' ? expiresIn : undefined,
  };
}

/** What an ID token must say. */
interface Expected {
  readonly issuer: string;
  readonly clientId: string;
  /** Of the question that it answers; undefined where it was renewed. */
  readonly nonce: string | undefined;
  /** In milliseconds since the epoch. */
  readonly now: number;
}

/**
 * Holds an ID token against the question. Its signature is not verified: it came from the issuer itself, over TLS
 * (OpenID Connect Core 1.0, 3.1.3.7, 6), and the API verifies what it is sent.
 * @throws Error where it is not for this page, or no answer to this question.
 */
export function checkIdToken(token: string, { issuer, clientId, nonce, now }: Expected): void {
  const claims = claimsOf(token);
  const { iss, aud, azp, exp, iat } = claims;
  const audience: unknown = Array.isArray(aud) ? aud : [aud];
  const isForUs = Array.isArray(audience) && audience.includes(clientId) && (audience.length === 1 || azp === clientId);
  const seconds = now / 1_000;
  if (iss !== issuer) throw new Error('the ID token is of another issuer');
  if (!isForUs || (azp !== undefined && azp !== clientId)) throw new Error('the ID token is for another application');
  if (typeof exp !== 'number' || typeof iat !== 'number' || typeof claims.sub !== 'string')
    throw new Error('the ID token lacks what it must have');
  if (exp <= seconds - TOLERANCE) throw new Error("the ID token is over: is this machine's clock right?");
  if (nonce !== undefined && claims.nonce !== nonce) throw new Error('the ID token is to another question');
}

function claimsOf(token: string): Readonly<Record<string, unknown>> {
  const [, payload = '', signature, ...more] = token.split('.');
  if (signature === undefined || more.length > 0) throw new Error('the ID token is none');
  const bytes = Uint8Array.from(atob(payload.replaceAll('-', '+').replaceAll('_', '/')), (sign) => sign.charCodeAt(0));
  return objectOf(JSON.parse(new TextDecoder().decode(bytes)));
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
