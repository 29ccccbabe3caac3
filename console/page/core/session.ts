import { signal } from '@preact/signals';
import type { ConsoleSettings } from '../../settings.ts';
import {
  discover,
  flawWords,
  type Issuer,
  isRefusal,
  newWay,
  type PageClient,
  readWay,
  redeemCode,
  renewTokens,
  type SignInWay,
  signInUrl,
  type TokenSet,
} from './oidc.ts';
import { place, placeOf } from './place.ts';

/** What the service told the page; where nothing can be read, as of a service that takes AWS credentials alone. */
export const settings: ConsoleSettings = readSettings();

function readSettings(): ConsoleSettings {
  const text = document.querySelector('meta[name="eks-whois"]')?.getAttribute('content') ?? '';
  try {
    return JSON.parse(text) as ConsoleSettings;
  } catch {
    return { signIn: 'command' };
  }
}

/** How one signs in; undefined where nobody does. */
const oidc = settings.signIn === 'oidc' ? settings : undefined;

/** Who asks, as far as the page knows: `out` before somebody signs in, and after the service refused the token. */
export const session = signal<'open' | 'busy' | 'out'>(oidc === undefined ? 'open' : 'busy');
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
  if (tokens !== undefined && tokens.expires - Date.now() < AHEAD) await renewed();
  return tokens === undefined ? {} : { authorization: `Bearer ${tokens.bearer}` };
}

/** The service takes the token no longer. */
export function signedOut(): void {
  if (oidc === undefined) return;
  tokens = undefined;
  signInProblem.value = 'The service no longer accepts this sign-in. Sign in again to return to this page.';
  session.value = 'out';
}

/** At the page's beginning: whoever comes back from the issuer is signed in, and is where they were. */
export async function begin(): Promise<void> {
  if (oidc === undefined) return;
  const url = new URL(location.href);
  if (!url.searchParams.has('state')) {
    session.value = 'out';
    return;
  }
  const way = takeWay();
  history.replaceState(null, '', `${here()}${way?.link ?? location.hash}`);
  place.value = placeOf(location.hash); // no event tells of it
  try {
    if (way === undefined) throw new Error('this window did not start the sign-in');
    await comeBack(url, way);
    session.value = 'open';
  } catch (error) {
    signInProblem.value = `Sign-in failed: ${flawWords(error)}. Try again.`;
    session.value = 'out';
  }
}

/** Sends the browser to the issuer (authorization code with PKCE, RFC 7636 and 9700). */
export async function signIn(): Promise<void> {
  if (oidc === undefined) return;
  session.value = 'busy';
  signInProblem.value = undefined;
  try {
    const way = newWay(location.search + location.hash);
    const url = await signInUrl(await issuer(), client(oidc.clientId), way, oidc.scopes);
    sessionStorage.setItem(KEPT_AS, JSON.stringify(way));
    location.assign(url);
  } catch (error) {
    signInProblem.value = `Can't start the sign-in at ${oidc.issuer}: ${flawWords(error)}. Try again.`;
    session.value = 'out';
  }
}

function here(): string {
  return `${location.origin}${location.pathname}`;
}

function client(clientId: string): PageClient {
  return { clientId, redirectUri: here() };
}

let known: Promise<Issuer> | undefined;

/** What the issuer says of itself. */
function issuer(): Promise<Issuer> {
  if (oidc === undefined) throw new Error('this service has no sign-in');
  known ??= discover(oidc.issuer).catch((error: unknown) => {
    known = undefined; // it is asked again
    throw error;
  });
  return known;
}

async function comeBack(url: URL, way: SignInWay): Promise<void> {
  if (oidc === undefined) return;
  tokens = tokensOf(await redeemCode(await issuer(), client(oidc.clientId), way, url.searchParams));
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
  if (oidc === undefined || refresh === undefined) return expires === undefined ? undefined : endIfOver(expires);
  try {
    const given = await renewTokens(await issuer(), oidc.clientId, refresh);
    tokens &&= { ...tokensOf(given), refresh: given.refresh_token ?? refresh };
  } catch (error) {
    if (isRefusal(error)) signedOut();
    else if (expires !== undefined) endIfOver(expires); // the network: the token is good for a moment yet
  }
}

function endIfOver(expires: number): void {
  if (expires <= Date.now()) signedOut();
}

const OTHERWISE_SECONDS = 300;

/** Of the tokens that the issuer gave, the one that the API takes. */
function tokensOf({ access_token, id_token, refresh_token, expires_in = OTHERWISE_SECONDS }: TokenSet): Tokens {
  const bearer = oidc?.token === 'id' ? id_token : access_token;
  if (bearer === undefined) throw new Error('the issuer returned no token of the kind that the service accepts');
  return { bearer, refresh: refresh_token, expires: Date.now() + expires_in * 1_000 };
}

function takeWay(): SignInWay | undefined {
  const text = sessionStorage.getItem(KEPT_AS);
  sessionStorage.removeItem(KEPT_AS);
  return text === null ? undefined : readWay(text);
}
