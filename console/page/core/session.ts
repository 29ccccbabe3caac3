import {
  challengeOf,
  checkIdToken,
  codeIn,
  discover,
  type Given,
  type Issuer,
  IssuerRefusal,
  type OnTheWay,
  secret,
  tokensFor,
  wayOf,
} from './oidc.ts';
import { place, placeOf } from './place.ts';
import { settings } from './settings.ts';
import { signal } from './signals.ts';

/** Who asks, as far as the page knows: `out` before somebody signs in, and after the service refused the token. */
export const session = signal<'open' | 'busy' | 'out'>(settings.signIn === 'oidc' ? 'busy' : 'open');
/** Why signing in did not work, in a sentence. */
export const signInProblem = signal<string | undefined>(undefined);

/** Tokens, in memory only: whoever reloads the page signs in again, which the issuer's own session makes a moment. */
interface Tokens {
  readonly bearer: string;
  readonly refresh: string | undefined;
  /** By this machine's clock, in milliseconds. */
  readonly expires: number;
}

let tokens: Tokens | undefined;
let refreshing: Promise<void> | undefined;

const KEPT_AS = 'eks-whois-sign-in';
/** A token is renewed so long before it ends, in milliseconds. */
const AHEAD = 60_000;

/** What a request says of who asks. */
export async function authorize(): Promise<Record<string, string>> {
  if (settings.signIn !== 'oidc') return {};
  if (tokens !== undefined && tokens.expires - Date.now() < AHEAD) await renewed();
  return tokens === undefined ? {} : { authorization: `Bearer ${tokens.bearer}` };
}

/** The service takes the token no longer. */
export function signedOut(): void {
  if (settings.signIn !== 'oidc') return;
  tokens = undefined;
  signInProblem.value =
    'The service does not accept this sign-in any longer. Sign in again: you come back to this page.';
  session.value = 'out';
}

/** At the page's beginning: whoever comes back from the issuer is signed in, and is where they were. */
export async function begin(): Promise<void> {
  if (settings.signIn !== 'oidc') return;
  const url = new URL(location.href);
  if (!url.searchParams.has('state')) {
    session.value = 'out';
    return;
  }
  const way = takeWay();
  history.replaceState(null, '', `${here()}${way?.link ?? location.hash}`);
  place.value = placeOf(location.hash); // no event tells of it
  try {
    if (way === undefined) throw new Error('the way back belongs to no way there of this window');
    await comeBack(url, way);
    session.value = 'open';
  } catch (error) {
    signInProblem.value = `Signing in did not work: ${wordsOf(error)}.`;
    session.value = 'out';
  }
}

/** Sends the browser to the issuer (authorization code with PKCE, RFC 7636 and 9700). */
export async function signIn(): Promise<void> {
  if (settings.signIn !== 'oidc') return;
  session.value = 'busy';
  signInProblem.value = undefined;
  try {
    const { authorizationEndpoint } = await issuer();
    const way = {
      state: secret(),
      nonce: secret(),
      verifier: secret(),
      link: location.search + location.hash,
    };
    const url = new URL(authorizationEndpoint);
    const asked = {
      client_id: settings.clientId,
      redirect_uri: here(),
      response_type: 'code',
      scope: ['openid', ...settings.scopes].join(' '),
      state: way.state,
      nonce: way.nonce,
      code_challenge: await challengeOf(way.verifier),
      code_challenge_method: 'S256',
    };
    for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
    sessionStorage.setItem(KEPT_AS, JSON.stringify(way));
    location.assign(url);
  } catch (error) {
    signInProblem.value = `The issuer cannot be asked: ${wordsOf(error)}.`;
    session.value = 'out';
  }
}

function here(): string {
  return `${location.origin}${location.pathname}`;
}

let known: Promise<Issuer> | undefined;

/** What the issuer says of itself. */
function issuer(): Promise<Issuer> {
  if (settings.signIn !== 'oidc') throw new Error('nobody signs in here');
  known ??= discover(settings.issuer).catch((error: unknown) => {
    known = undefined; // it is asked again
    throw error;
  });
  return known;
}

async function comeBack(url: URL, { state, nonce, verifier }: OnTheWay): Promise<void> {
  if (settings.signIn !== 'oidc') return;
  const server = await issuer();
  const told = {
    grant_type: 'authorization_code',
    code: codeIn(url.searchParams, state, server),
    redirect_uri: here(),
    code_verifier: verifier,
    client_id: settings.clientId,
  };
  const given = await tokensFor(told, server);
  if (given.idToken === undefined) throw new Error('the issuer gave no ID token');
  check(given.idToken, server, nonce);
  tokens = tokensOf(given);
}

function check(idToken: string, { issuer: name }: Issuer, nonce: string | undefined): void {
  if (settings.signIn === 'oidc')
    checkIdToken(idToken, { issuer: name, clientId: settings.clientId, nonce, now: Date.now() });
}

/** Once for all questions that wait for it. Without a token to renew by, or where the issuer refuses, they sign in again. */
function renewed(): Promise<void> {
  refreshing ??= renew().finally(() => {
    refreshing = undefined;
  });
  return refreshing;
}

async function renew(): Promise<void> {
  const { refresh, expires } = tokens ?? {};
  if (settings.signIn !== 'oidc' || refresh === undefined)
    return expires === undefined ? undefined : endIfOver(expires);
  try {
    const server = await issuer();
    const told = { grant_type: 'refresh_token', refresh_token: refresh, client_id: settings.clientId };
    const given = await tokensFor(told, server);
    if (given.idToken !== undefined) check(given.idToken, server, undefined);
    tokens &&= { ...tokensOf(given), refresh: given.refreshToken ?? refresh };
  } catch (error) {
    if (error instanceof IssuerRefusal) signedOut();
    else if (expires !== undefined) endIfOver(expires); // the network: the token is good for a moment yet
  }
}

function endIfOver(expires: number): void {
  if (expires <= Date.now()) signedOut();
}

const OTHERWISE_SECONDS = 300;

/** Of the tokens that the issuer gave, the one that the API takes. */
function tokensOf({ accessToken, idToken, refreshToken, expiresIn = OTHERWISE_SECONDS }: Given): Tokens {
  const bearer = settings.signIn === 'oidc' && settings.token === 'id' ? idToken : accessToken;
  if (bearer === undefined) throw new Error('the issuer gave no token of the kind that the service takes');
  return { bearer, refresh: refreshToken, expires: Date.now() + expiresIn * 1_000 };
}

function takeWay(): OnTheWay | undefined {
  const text = sessionStorage.getItem(KEPT_AS);
  sessionStorage.removeItem(KEPT_AS);
  return text === null ? undefined : wayOf(text);
}

/** What is wrong, or what the issuer says, without a stop at its end. */
function wordsOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
}
