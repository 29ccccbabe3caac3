import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/**
 * A request that is let in, with the path that is meant, or why it is not. Any web page that is open in a browser can send
 * requests to this machine, under a name of its own too (DNS rebinding); none of them may be served.
 */
export type Admission = { readonly path: string } | { readonly refusal: string };

/** What a request tells of where it comes from; chosen by whoever sends it, but not by the page that a browser shows. */
export interface Arriving {
  /** The path with its query, as in `IncomingMessage.url`. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

const OWN_NAMES: readonly string[] = ['127.0.0.1', 'localhost'];

/** For what a person asks: by this machine's names, and from no other page than one that it served itself. */
export function admitOwner({ url, headers }: Arriving): Admission {
  const host = headers.host?.toLowerCase() ?? '';
  if (!OWN_NAMES.includes(host.replace(/:\d+$/, ''))) return { refusal: 'Ask it as 127.0.0.1 or localhost.' };
  const { origin } = headers;
  if (origin !== undefined && origin !== `http://${host}`) return OTHER_PAGE;
  return isAskedByOtherPage(headers) ? OTHER_PAGE : { path: url };
}

/** For what a person asks in whose name: from no other page, and only whoever was told the secret with which its paths begin. */
export function admitHolder(secret: string, { url, headers }: Arriving): Admission {
  const path = pathBehind(secret, url);
  return path === undefined
    ? { refusal: 'Open it by the whole address that was printed.' }
    : admitOwner({ url: path, headers });
}

/** For what only the service itself asks: whoever knows the secret with which its paths begin, and never a browser. */
export function admitInsider(secret: string, { url, headers }: Arriving): Admission {
  const refused = { refusal: 'This is for the service itself.' };
  if (headers.origin !== undefined || headers['sec-fetch-site'] !== undefined) return refused;
  const path = pathBehind(secret, url);
  return path === undefined ? refused : admitOwner({ url: path, headers });
}

const OTHER_PAGE = { refusal: 'Other web pages may not ask it.' };

/** Browsers send no Origin for images, scripts and frames, but say this; a link that a person follows is no harm. */
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
