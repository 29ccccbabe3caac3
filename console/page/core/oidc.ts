import * as oauth from 'oauth4webapi';
import { isJsonObject, parseJson } from '../../../lib/json.ts';

/**
 * OpenID Connect for a public client, by oauth4webapi: the authorization code with PKCE, and refresh tokens. The issuer alone is
 * asked, over TLS. Sources: OpenID Connect Core 1.0 and Discovery 1.0, RFC 6749, 7636, 9207 and 9700.
 */

export type Issuer = oauth.AuthorizationServer;
export type TokenSet = oauth.TokenEndpointResponse;

/** What is remembered while somebody is at the issuer: no secret that outlives the way back. */
export interface SignInWay {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  /** Where in the console they were: the page's address behind its path, which leads to no other origin. */
  readonly link: string;
}

export function newWay(link: string): SignInWay {
  return {
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
    verifier: oauth.generateRandomCodeVerifier(),
    link,
  };
}

/** Reads what was kept on the way there; undefined where it is not ours. A link that would lead anywhere else is left out. */
export function readWay(text: string): SignInWay | undefined {
  const kept = parseJson(text);
  if (!kept.ok || !isJsonObject(kept.value)) return undefined;
  const { state, nonce, verifier, link } = kept.value;
  if (typeof state !== 'string' || typeof nonce !== 'string' || typeof verifier !== 'string') return undefined;
  return { state, nonce, verifier, link: typeof link === 'string' && /^[?#]/.test(link) ? link : '' };
}

/** Asks an issuer what it says of itself. @throws Error where it cannot be asked, or is not the issuer that was asked for. */
export async function discover(url: string): Promise<Issuer> {
  const address = new URL(url);
  const answer = await oauth.discoveryRequest(address, transportTo(address));
  return oauth.processDiscoveryResponse(address, answer);
}

/** An issuer on this machine, as tests have one, may speak plain HTTP; nothing else is sent in the clear, nor anywhere else. */
function transportTo({ hostname }: URL) {
  return {
    [oauth.allowInsecureRequests]: hostname === '127.0.0.1' || hostname === 'localhost',
    [oauth.customFetch]: (url: string, { method, headers, body }: oauth.CustomFetchOptions<string, unknown>) =>
      fetch(url, {
        method,
        headers,
        body: body instanceof URLSearchParams ? body : null,
        redirect: 'error',
        credentials: 'omit',
        cache: 'no-store',
      }),
  };
}

/** The page, as the issuer knows it. */
export interface PageClient {
  readonly clientId: string;
  readonly redirectUri: string;
}

/** Where the browser is sent to sign in. @throws Error where the issuer names no address that is protected by TLS. */
export async function signInUrl(
  { authorization_endpoint: endpoint = 'none:' }: Issuer,
  { clientId, redirectUri }: PageClient,
  { state, nonce, verifier }: SignInWay,
  scopes: readonly string[],
): Promise<URL> {
  const url = new URL(endpoint);
  oauth.checkProtocol(url, !transportTo(url)[oauth.allowInsecureRequests]);
  const query = {
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: ['openid', ...scopes].join(' '),
    state,
    nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  };
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url;
}

/**
 * Takes the tokens for the code with which the issuer sent somebody back. The ID token must be of this issuer, for this page, and
 * answer this very question. Its signature is not verified: it came from the issuer itself, over TLS (OpenID Connect Core 1.0,
 * 3.1.3.7, 6), and the API verifies what it is sent.
 * @throws Error where the answer or the ID token is none of this question, or the issuer cannot be asked.
 */
export async function redeemCode(
  issuer: Issuer,
  { clientId, redirectUri }: PageClient,
  { state, nonce, verifier }: SignInWay,
  answer: URLSearchParams,
): Promise<TokenSet> {
  const client = { client_id: clientId };
  const params = oauth.validateAuthResponse(issuer, client, answer, state);
  const transport = transportTo(new URL(issuer.issuer));
  const response = await oauth.authorizationCodeGrantRequest(
    issuer,
    client,
    oauth.None(),
    params,
    redirectUri,
    verifier,
    transport,
  );
  const given = await oauth.processAuthorizationCodeResponse(issuer, client, response, {
    expectedNonce: nonce,
    requireIdToken: true,
  });
  return forClient(given, clientId);
}

/** Takes new tokens for a refresh token. @throws Error where the issuer refuses (`isRefusal`), or cannot be asked. */
export async function renewTokens(issuer: Issuer, clientId: string, refreshToken: string): Promise<TokenSet> {
  const client = { client_id: clientId };
  const transport = transportTo(new URL(issuer.issuer));
  const response = await oauth.refreshTokenGrantRequest(issuer, client, oauth.None(), refreshToken, transport);
  return forClient(await oauth.processRefreshTokenResponse(issuer, client, response), clientId);
}

/**
 * Refuses what the library takes and the page cannot use: a token that is bound to a key, and one of a single audience that was given
 * to somebody else (OpenID Connect Core 1.0, 3.1.3.7, 5).
 */
function forClient(given: TokenSet, clientId: string): TokenSet {
  if (given.token_type !== 'bearer')
    throw new Error(`the issuer returned a token of type ${given.token_type}, not bearer`);
  const { azp = clientId } = oauth.getValidatedIdTokenClaims(given) ?? {};
  if (azp !== clientId) throw new Error('the ID token is for another application');
  return given;
}

/** Whether the issuer said no: the same question gets the same answer. Else it may pass. */
export function isRefusal(error: unknown): boolean {
  return error instanceof oauth.ResponseBodyError || error instanceof oauth.WWWAuthenticateChallengeError;
}

/** What went wrong, in the issuer's own words where it has any, without a stop at its end. */
export function flawWords(error: unknown): string {
  if (error instanceof oauth.AuthorizationResponseError || error instanceof oauth.ResponseBodyError)
    return (error.error_description ?? error.error).replace(/\.$/, '');
  return (error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
}
