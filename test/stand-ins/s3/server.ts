import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request to the stand-in. */
export interface S3Request {
  readonly operation: 'ListObjectsV2' | 'GetObject';
  readonly bucket: string;
  /** The key, or the prefix that was listed. */
  readonly key: string;
  readonly range: string | undefined;
}

/** An error in S3's response. Source: Amazon S3 API Reference, "Error responses". */
export interface S3Failure {
  readonly status: number;
  readonly code: string;
  readonly message?: string;
}

export interface BucketOptions {
  /** The Region of the bucket. A request that is signed for another Region gets its name. */
  readonly region?: string;
  /** Whether requests are refused that do not state that the requester pays. */
  readonly requesterPays?: boolean;
  /** Keys of a page of a listing, 1,000 by default. */
  readonly pageSize?: number;
}

/** A bucket of the stand-in. */
export class Bucket {
  readonly options: BucketOptions;
  readonly #objects = new Map<string, Buffer>();
  #sorted: readonly string[] | undefined;
  readonly failures = new Map<string, { failure: S3Failure; times: number }>();
  readonly cuts = new Map<string, { after: number; times: number }>();

  constructor(options: BucketOptions) {
    this.options = options;
  }

  put(key: string, content: Buffer | string): this {
    this.#objects.set(key, Buffer.from(content));
    this.#sorted = undefined;
    return this;
  }

  /** Makes requests for the key, or for the listing of exactly this prefix, fail this number of times. */
  fail(key: string, failure: S3Failure, times = Number.POSITIVE_INFINITY): this {
    this.failures.set(key, { failure, times });
    return this;
  }

  /** Closes the connection after this number of bytes of the object's body, this number of times. */
  cut(key: string, after: number, times = Number.POSITIVE_INFINITY): this {
    this.cuts.set(key, { after, times });
    return this;
  }

  get(key: string): Buffer | undefined {
    return this.#objects.get(key);
  }

  /** Yields the keys with the prefix that come after `after`, in order (all are ASCII here). */
  *keysBehind(after: string, prefix: string): Generator<string> {
    this.#sorted ??= [...this.#objects.keys()].sort();
    const sorted = this.#sorted;
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const key = sorted[middle] ?? '';
      if (key < prefix || key <= after) low = middle + 1;
      else high = middle;
    }
    for (let at = low; sorted[at]?.startsWith(prefix); at += 1) yield sorted[at] ?? '';
  }
}

/** The stand-in for S3 on this machine, for `AWS_ENDPOINT_URL_S3`: buckets by path, ListObjectsV2 and GetObject. */
export interface S3Server {
  readonly url: string;
  readonly requests: S3Request[];
  bucket(name: string, options?: BucketOptions): Bucket;
  stop(): Promise<void>;
}

export async function startS3(): Promise<S3Server> {
  const buckets = new Map<string, Bucket>();
  const requests: S3Request[] = [];
  const server = createServer((incoming, answer) => answerTo(incoming, answer, buckets, requests));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    bucket(name, options = {}) {
      const bucket = new Bucket(options);
      buckets.set(name, bucket);
      return bucket;
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function answerTo(
  incoming: IncomingMessage,
  answer: ServerResponse,
  buckets: ReadonlyMap<string, Bucket>,
  requests: S3Request[],
): void {
  const url = new URL(incoming.url ?? '/', 'http://s3');
  const [, name = '', ...rest] = decodeURIComponent(url.pathname).split('/');
  const isListing = url.searchParams.get('list-type') === '2';
  const key = isListing ? (url.searchParams.get('prefix') ?? '') : rest.join('/');
  const { range } = incoming.headers;
  requests.push({ operation: isListing ? 'ListObjectsV2' : 'GetObject', bucket: name, key, range });
  const bucket = buckets.get(name);
  if (bucket === undefined) return fail(answer, { status: 404, code: 'NoSuchBucket' });
  const region = /Credential=[^/]+\/\d+\/([^/]+)\//.exec(incoming.headers.authorization ?? '')?.[1];
  const own = bucket.options.region;
  if (own !== undefined && region !== own) {
    answer.setHeader('x-amz-bucket-region', own);
    return fail(answer, { status: 301, code: 'PermanentRedirect' });
  }
  if (bucket.options.requesterPays && incoming.headers['x-amz-request-payer'] !== 'requester')
    return fail(answer, { status: 403, code: 'AccessDenied', message: 'Access Denied' });
  const failure = takeOne(bucket.failures, key)?.failure;
  if (failure !== undefined) return fail(answer, failure);
  if (isListing) return list(answer, bucket, url.searchParams);
  send(incoming, answer, bucket, key);
}

function takeOne<T extends { times: number }>(planned: Map<string, T>, key: string): T | undefined {
  const entry = planned.get(key);
  if (entry === undefined || entry.times <= 0) return undefined;
  entry.times -= 1;
  return entry;
}

function fail(answer: ServerResponse, { status, code, message = code }: S3Failure): void {
  answer.writeHead(status, { 'content-type': 'application/xml' });
  answer.end(
    `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`,
  );
}

/** Comes after every key of a folder. */
const BEHIND_ALL = '~~~~';

/**
 * Answers ListObjectsV2 (Amazon S3 API Reference): a folder counts as one key, and the token is where the next page
 * begins.
 */
function list(answer: ServerResponse, bucket: Bucket, query: URLSearchParams): void {
  const most = Math.min(Number(query.get('max-keys') ?? 1_000), bucket.options.pageSize ?? 1_000);
  const entries: Entry[] = [];
  let isTruncated = false;
  for (const entry of entriesOf(bucket, query)) {
    isTruncated = entries.length >= most;
    if (isTruncated) break;
    entries.push(entry);
  }
  const next = `<NextContinuationToken>${escaped(entries.at(-1)?.next ?? '')}</NextContinuationToken>`;
  answer.writeHead(200, { 'content-type': 'application/xml' });
  answer.end(
    `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult><KeyCount>${entries.length}</KeyCount>` +
      `<IsTruncated>${isTruncated}</IsTruncated>${entries.map(({ xml }) => xml).join('')}${isTruncated ? next : ''}</ListBucketResult>`,
  );
}

interface Entry {
  readonly xml: string;
  /** The place after which the next page begins. */
  readonly next: string;
}

function* entriesOf(bucket: Bucket, query: URLSearchParams): Generator<Entry> {
  const [prefix, delimiter] = [query.get('prefix') ?? '', query.get('delimiter')];
  let last: string | undefined;
  for (const key of bucket.keysBehind(query.get('continuation-token') ?? '', prefix)) {
    const end = delimiter === null ? -1 : key.indexOf(delimiter, prefix.length);
    const folder = key.slice(0, end + 1);
    if (end < 0) yield { xml: `<Contents><Key>${escaped(key)}</Key>${about(bucket.get(key))}</Contents>`, next: key };
    else if (folder !== last)
      yield {
        xml: `<CommonPrefixes><Prefix>${escaped(folder)}</Prefix></CommonPrefixes>`,
        next: `${folder}${BEHIND_ALL}`,
      };
    last = folder;
  }
}

function about(content: Buffer = Buffer.alloc(0)): string {
  return `<Size>${content.length}</Size><ETag>${escaped(etagOf(content))}</ETag>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

const etags = new WeakMap<Buffer, string>();

function etagOf(content: Buffer): string {
  const etag = etags.get(content) ?? `"${createHash('md5').update(content).digest('hex')}"`;
  etags.set(content, etag);
  return etag;
}

function send(incoming: IncomingMessage, answer: ServerResponse, bucket: Bucket, key: string): void {
  const content = bucket.get(key);
  if (content === undefined) return fail(answer, { status: 404, code: 'NoSuchKey' });
  const wanted = incoming.headers['if-match'];
  if (wanted !== undefined && wanted !== etagOf(content))
    return fail(answer, { status: 412, code: 'PreconditionFailed' });
  const [, from = '0', to = ''] = /^bytes=(\d+)-(\d*)$/.exec(incoming.headers.range ?? '') ?? [];
  const start = Number(from);
  const body = content.subarray(start, to === '' ? undefined : Number(to) + 1);
  answer.writeHead(incoming.headers.range === undefined ? 200 : 206, {
    'content-length': body.length,
    etag: etagOf(content),
    ...(incoming.headers.range !== undefined && {
      'content-range': `bytes ${start}-${start + body.length - 1}/${content.length}`,
    }),
  });
  const cut = takeOne(bucket.cuts, key);
  if (cut === undefined) return void answer.end(body);
  const sent = body.subarray(0, Math.max(0, cut.after - start));
  answer.write(sent, () => answer.destroy());
  if (sent.length === 0) answer.destroy();
}
