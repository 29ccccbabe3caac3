import { gunzipSync } from 'node:zlib';
import { type BuiltPage, FILES_FOLDER, type PageFile, SETTINGS_PLACE } from './page.ts';
import type { ServedSettings } from './settings.ts';

/** An HTTP response for the page. */
export interface PageAnswer {
  readonly status: 200 | 404;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** One year, the longest that caches honor: a file's name changes with its content. */
const IMMUTABLE = 'public, max-age=31536000, immutable';

/**
 * Returns the page, or one of its files, or status 404 for any other path.
 * @param path begins with `/`.
 * @param accepted is the request's Accept-Encoding.
 */
export function servePage(
  page: BuiltPage,
  path: string,
  accepted: string | undefined,
  serving: ServedSettings,
): PageAnswer {
  if (path === '/') return serveDocument(page, serving);
  const name = path.startsWith(`/${FILES_FOLDER}/`) ? path.slice(FILES_FOLDER.length + 2) : undefined;
  const file = name !== undefined && Object.hasOwn(page.files, name) ? page.files[name] : undefined;
  if (file === undefined) return { status: 404, headers: securityHeaders(serving), body: Buffer.from('Not Found') };
  const { encoding, body } = encode(file, accepted ?? '');
  return {
    status: 200,
    headers: {
      ...securityHeaders(serving),
      'content-type': file.type,
      'cache-control': IMMUTABLE,
      vary: 'accept-encoding',
      ...(encoding !== undefined && { 'content-encoding': encoding }),
    },
    body,
  };
}

function serveDocument({ document }: BuiltPage, serving: ServedSettings): PageAnswer {
  const settings = JSON.stringify(serving.settings).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
  return {
    status: 200,
    headers: { ...securityHeaders(serving), 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' },
    body: Buffer.from(document.replace(SETTINGS_PLACE, () => settings)),
  };
}

function encode(file: PageFile, accepted: string): { readonly encoding?: 'br' | 'gzip'; readonly body: Buffer } {
  const accepts = (encoding: string) =>
    accepted.split(',').some((each) => {
      const [name, quality] = each.trim().split(/\s*;\s*/);
      return name === encoding && !/^q=0(?:\.0*)?$/.test(quality ?? '');
    });
  if (accepts('br')) return { encoding: 'br', body: Buffer.from(file.brotli, 'base64') };
  const gzip = Buffer.from(file.gzip, 'base64');
  return accepts('gzip') ? { encoding: 'gzip', body: gzip } : { body: gunzipSync(gzip) };
}

/**
 * Returns headers that allow only the page's own scripts and styles, and requests only to the API and the sign-in. The
 * page shows texts from logs, which attackers can write.
 * Source: CSP Level 3 (W3C), and OWASP's "HTTP Headers".
 */
function securityHeaders({ signInOrigins }: ServedSettings): Record<string, string> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src ${["'self'", ...signInOrigins].join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ];
  return {
    'content-security-policy': policy.join('; '),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  };
}
