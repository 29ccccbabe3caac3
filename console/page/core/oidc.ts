import * as oauth from 'oauth4webapi';
import { isJsonObject, parseJson } from '../../../lib/json.ts';

/**
 * OpenID Connect for a public client, with oauth4webapi: the authorization code with PKCE, and refresh tokens. Requests
 * go only to the issuer, over TLS. Sources: OpenID Connect Core 1.0 and Discovery 1.0, RFC 6749, 7636, 9207 and 9700.
 */

export type Issuer = oauth.AuthorizationServer;
export type TokenSet = oauth.TokenEndpointResponse;

/** The state of a sign-in that the browser stores while the user is at the issuer. It is useless after the return. */
export interface SignInState {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  /** The address in the console to return to: the query and fragment, which cannot lead to another origin. */
  readonly link: string;
}

/** Creates the state of a new sign-in. */
export function newSignIn(link: string): SignInState {
  return {
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
    verifier: oauth.generateRandomCodeVerifier(),
    link,
  };
}

/** Parses a stored sign-in. Returns undefined if it is not one. Drops a link that could lead to another origin. */
export function parseSignIn(text: string): SignInState | undefined {
  const kept = parseJson(text);
  if (!kept.ok || !isJsonObject(kept.value)) return undefined;
  const { state, nonce, verifier, link } = kept.value;
  if (typeof state !== 'string' || typeof nonce !== 'string' || typeof verifier !== 'string') return undefined;
  return { state, nonce, verifier, link: typeof link === 'string' && /^[?#]/.test(link) ? link : '' };
}

/**
 * Loads the issuer's discovery document.
 * @throws Error if the issuer cannot be reached, or the document is of another issuer.
 */
export async function discover(url: string): Promise<Issuer> {
  const address = new URL(url);
  const answer = await oauth.discoveryRequest(address, transportTo(address));
  return oauth.processDiscoveryResponse(address, answer);
}

/** Allows plain HTTP only for an issuer on this machine, as in tests, and follows no redirects. */
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

/** The page's registration at the issuer. */
export interface PageClient {
  readonly clientId: string;
  readonly redirectUri: string;
}

/**
 * Returns the address at the issuer where the user signs in.
 * @throws Error if the issuer has no authorization endpoint with TLS.
 */
export async function signInUrl(
  { authorization_endpoint: endpoint = 'none:' }: Issuer,
  { clientId, redirectUri }: PageClient,
  { state, nonce, verifier }: SignInState,
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
 * Exchanges the authorization code for tokens. Checks that the ID token is from this issuer, for this page and for this
 * sign-in. Does not verify the signature, because the ID token comes from the issuer over TLS (OpenID Connect Core 1.0,
 * 3.1.3.7, 6). The API verifies the tokens that it gets.
 * @throws Error if the answer or the ID token belongs to another sign-in, or the issuer cannot be reached.
 */
export async function redeemCode(
  issuer: Issuer,
  { clientId, redirectUri }: PageClient,
  { state, nonce, verifier }: SignInState,
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
  return checkClient(given, clientId);
}

/**
 * Exchanges a refresh token for new tokens.
 * @throws Error if the issuer refuses (`isRefusal`) or cannot be reached.
 */
export async function renewTokens(issuer: Issuer, clientId: string, refreshToken: string): Promise<TokenSet> {
  const client = { client_id: clientId };
  const transport = transportTo(new URL(issuer.issuer));
  const response = await oauth.refreshTokenGrantRequest(issuer, client, oauth.None(), refreshToken, transport);
  return checkClient(await oauth.processRefreshTokenResponse(issuer, client, response), clientId);
}

/**
 * Returns the tokens if the page can use them. The library also accepts tokens that are bound to a key. It also accepts
 * tokens with a single audience that were issued to another client (OpenID Connect Core 1.0, 3.1.3.7, 5).
 * @throws Error for such tokens.
 */
function checkClient(given: TokenSet, clientId: string): TokenSet {
  if (given.token_type !== 'bearer')
    throw new Error(`the issuer returned a token of type ${given.token_type}, not bearer`);
  const { azp = clientId } = oauth.getValidatedIdTokenClaims(given) ?? {};
  if (azp !== clientId) throw new Error('the ID token is for another application');
  return given;
}

/** Returns whether the issuer refused, so that a retry is useless. Other errors may be temporary. */
export function isRefusal(error: unknown): boolean {
  return error instanceof oauth.ResponseBodyError || error instanceof oauth.WWWAuthenticateChallengeError;
}

/** Returns what went wrong, in the issuer's own words if it gave any, without a period at the end. */
export function describeError(error: unknown): string {
  if (error instanceof oauth.AuthorizationResponseError || error instanceof oauth.ResponseBodyError)
    return (error.error_description ?? error.error).replace(/\.$/, '');
  return (error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
}
