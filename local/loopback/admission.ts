import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/**
 * The decision on a request: admitted with the path to serve, or refused with a reason. Any web page in a browser can send
 * requests to this machine, also under a name of its own (DNS rebinding). None of these requests may be served.
 */
export type Admission = { readonly path: string } | { readonly refusal: string };

/** The parts of a request that show where it comes from. The sender chooses them, but a page in a browser cannot. */
export interface ArrivingRequest {
  /** Path and query, as in `IncomingMessage.url`. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

const OWN_NAMES: readonly string[] = ['127.0.0.1', 'localhost'];

/** Admits requests from a person: under this machine's names, and from no page but one that this server served. */
export function admitOwner({ url, headers }: ArrivingRequest): Admission {
  const host = headers.host?.toLowerCase() ?? '';
  if (!OWN_NAMES.includes(host.replace(/:\d+$/, ''))) return { refusal: 'Use the address 127.0.0.1 or localhost.' };
  const { origin } = headers;
  if (origin !== undefined && origin !== `http://${host}`) return OTHER_PAGE;
  return isAskedByOtherPage(headers) ? OTHER_PAGE : { path: url };
}

/**
 * Admits requests from a person that may act with their credentials: from no other page, and only with the secret that
 * starts the path.
 */
export function admitHolder(secret: string, { url, headers }: ArrivingRequest): Admission {
  const path = pathBehind(secret, url);
  return path === undefined
    ? { refusal: 'Open the complete address that the command printed.' }
    : admitOwner({ url: path, headers });
}

/** Admits requests of the service itself: with the secret that starts the path, and never from a browser. */
export function admitInsider(secret: string, { url, headers }: ArrivingRequest): Admission {
  const refused = { refusal: 'Only the service itself may call this.' };
  if (headers.origin !== undefined || headers['sec-fetch-site'] !== undefined) return refused;
  const path = pathBehind(secret, url);
  return path === undefined ? refused : admitOwner({ url: path, headers });
}

const OTHER_PAGE = { refusal: 'Requests from other web pages are not allowed.' };

/**
 * Returns whether another page caused the request. Browsers send no Origin for images, scripts and frames, but they
 * send these headers. A link that a person follows is harmless.
 */
function isAskedByOtherPage(headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site'];
  const isFollowedLink = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
  return (site === 'cross-site' || site === 'same-site') && !isFollowedLink;
}

function pathBehind(secret: string, url: string): string | undefined {
  const expected = Buffer.from(`/${secret}`);
  const given = Buffer.from(url).subarray(0, expected.length);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  const rest = url.slice(expected.length);
  return rest === '' ? '/' : rest.startsWith('/') ? rest : undefined;
}
