import { request } from 'node:http';

/** A request that a browser sends for a page, or that a page can make it send. */
export interface BrowserRequest {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface BrowserAnswer {
  readonly status: number | undefined;
  /** Names of the CORS headers of the answer. */
  readonly cors: readonly string[];
  readonly body: string;
}

/** One request to a port of this machine, with just these headers: `Host` may be any. */
export function send(
  port: number,
  { method = 'GET', path = '/', headers = {}, body = '' }: BrowserRequest,
): Promise<BrowserAnswer> {
  return new Promise((resolve, reject) => {
    const question = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
      });
      const cors = Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'));
      answer.on('end', () => resolve({ status: answer.statusCode, cors, body: text }));
    });
    question.on('error', reject);
    question.end(body);
  });
}

const EVIL = 'https://evil.example';

/** Returns the requests that a page of another site tries, with a body that the server would understand. */
export function attemptsOf(host: string, path: string, body: string): Readonly<Record<string, BrowserRequest>> {
  const query = { host, origin: EVIL };
  const fetched = { ...query, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' };
  const method = 'POST';
  return {
    'a fetch that wants to read the answer': { path, headers: fetched },
    'a fetch with the cookies of the place': { path, headers: { ...fetched, cookie: 'session=1' } },
    'a fetch of a page without an origin': { path, headers: { host, origin: 'null' } },
    'a page at another port of this machine': { path, headers: { host, origin: 'http://localhost:8080' } },
    'an image or a script': { path, headers: { host, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' } },
    'a frame': {
      path,
      headers: { host, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
    },
    'a preflight': {
      path,
      method: 'OPTIONS',
      headers: { ...query, 'access-control-request-method': method, 'access-control-request-headers': 'x-amz-target' },
    },
    'a plain POST': { path, method, headers: { ...query, 'content-type': 'text/plain' }, body },
    'a form': { path, method, headers: { ...query, 'content-type': 'application/x-www-form-urlencoded' }, body },
    'a name of its own for this machine': { path, headers: { host: 'evil.example' } },
    'a name of its own with the port': {
      path,
      method,
      headers: { host: host.replace(/^[^:]*/, 'evil.example') },
      body,
    },
    'a name that begins like ours': { path, headers: { host: '127.0.0.1.evil.example' } },
  };
}
