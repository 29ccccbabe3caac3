import { signal } from '@preact/signals';
import type { ConsoleSettings } from '../../settings.ts';
import {
  describeError,
  discover,
  type Issuer,
  isRefusal,
  newSignIn,
  type PageClient,
  parseSignIn,
  redeemCode,
  renewTokens,
  type SignInState,
  signInUrl,
  type TokenSet,
} from './oidc.ts';
import { place, placeOf } from './place.ts';

/**
 * The settings from the page's document. Without readable settings, those of a service that requires AWS credentials.
 */
export const settings: ConsoleSettings = readSettings();

function readSettings(): ConsoleSettings {
  const text = document.querySelector('meta[name="eks-whois"]')?.getAttribute('content') ?? '';
  try {
    return JSON.parse(text) as ConsoleSettings;
  } catch {
    return { signIn: 'command' };
  }
}

/** The settings of the sign-in; undefined if there is none. */
const oidc = settings.signIn === 'oidc' ? settings : undefined;

/** The state of the user: signed in (`open`), signing in (`busy`), or not signed in (`out`). */
export const session = signal<'open' | 'busy' | 'out'>(oidc === undefined ? 'open' : 'busy');
/** The reason why the sign-in failed, in sentences. */
export const signInProblem = signal<string | undefined>(undefined);

/**
 * Tokens, which the page has only in memory. After a reload, users sign in again. That is fast as long as the issuer
 * remembers them.
 */
interface Tokens {
  readonly bearer: string;
  readonly refresh: string | undefined;
  /** The end of its lifetime, in milliseconds since the epoch, by the clock of this machine. */
  readonly expires: number;
}

let tokens: Tokens | undefined;
let refreshing: Promise<void> | undefined;

const STORAGE_KEY = 'eks-whois-sign-in';
/** How long before its end a token is renewed, in milliseconds. */
const RENEW_BEFORE = 60_000;

/** Returns the headers that authorize a request. Renews the token first if it ends soon. */
export async function authorize(): Promise<Record<string, string>> {
  if (tokens !== undefined && tokens.expires - Date.now() < RENEW_BEFORE) await renewOnce();
  return tokens === undefined ? {} : { authorization: `Bearer ${tokens.bearer}` };
}

/** Forgets the tokens, because the service or the issuer refused them. */
export function signOut(): void {
  if (oidc === undefined) return;
  tokens = undefined;
  signInProblem.value = 'The service no longer accepts this sign-in. Sign in again to return to this page.';
  session.value = 'out';
}

/** Starts the page. If the user comes back from the issuer, completes the sign-in and restores the address. */
export async function begin(): Promise<void> {
  if (oidc === undefined) return;
  const url = new URL(location.href);
  if (!url.searchParams.has('state')) {
    session.value = 'out';
    return;
  }
  const state = takeSignIn();
  history.replaceState(null, '', `${here()}${state?.link ?? location.hash}`);
  place.value = placeOf(location.hash); // `replaceState` fires no event.
  try {
    if (state === undefined) throw new Error('this window did not start the sign-in');
    await completeSignIn(url, state);
    session.value = 'open';
  } catch (error) {
    signInProblem.value = `Sign-in failed: ${describeError(error)}. Try again.`;
    session.value = 'out';
  }
}

/** Sends the browser to the issuer (authorization code with PKCE, RFC 7636 and 9700). */
export async function signIn(): Promise<void> {
  if (oidc === undefined) return;
  session.value = 'busy';
  signInProblem.value = undefined;
  try {
    const state = newSignIn(location.search + location.hash);
    const url = await signInUrl(await issuer(), client(oidc.clientId), state, oidc.scopes);
    sessionStorage.setItem(STORAGE_KEY, JSON.stringify(state));
    location.assign(url);
  } catch (error) {
    signInProblem.value = `Can't start the sign-in at ${oidc.issuer}: ${describeError(error)}. Try again.`;
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

/** Returns the issuer's discovery document. */
function issuer(): Promise<Issuer> {
  if (oidc === undefined) throw new Error('this service has no sign-in');
  known ??= discover(oidc.issuer).catch((error: unknown) => {
    known = undefined; // The next call tries again.
    throw error;
  });
  return known;
}

async function completeSignIn(url: URL, state: SignInState): Promise<void> {
  if (oidc === undefined) return;
  tokens = tokensOf(await redeemCode(await issuer(), client(oidc.clientId), state, url.searchParams));
}

/**
 * Renews the tokens once for all requests that wait. Without a refresh token, or if the issuer refuses, the user signs
 * in again.
 */
function renewOnce(): Promise<void> {
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
    if (isRefusal(error)) signOut();
    else if (expires !== undefined) endIfOver(expires); // A network error: the token is still valid for a moment.
  }
}

function endIfOver(expires: number): void {
  if (expires <= Date.now()) signOut();
}

/** The lifetime of a token, if the issuer gives none. */
const DEFAULT_SECONDS = 300;

/** Returns the token that the API accepts, with the refresh token. */
function tokensOf({ access_token, id_token, refresh_token, expires_in = DEFAULT_SECONDS }: TokenSet): Tokens {
  const bearer = oidc?.token === 'id' ? id_token : access_token;
  if (bearer === undefined) throw new Error('the issuer returned no token of the kind that the service accepts');
  return { bearer, refresh: refresh_token, expires: Date.now() + expires_in * 1_000 };
}

/** Returns the stored state of a sign-in and removes it. */
function takeSignIn(): SignInState | undefined {
  const text = sessionStorage.getItem(STORAGE_KEY);
  sessionStorage.removeItem(STORAGE_KEY);
  return text === null ? undefined : parseSignIn(text);
}
