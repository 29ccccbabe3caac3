import type { ListObjectsV2CommandOutput } from '@aws-sdk/client-s3';
import { judgeFolder, type WantedFolders } from './layout.ts';
import { type S3Address, s3Path } from './s3-address.ts';
import type { S3Connection } from './s3-client.ts';
import { affectsAll, requestFault } from './s3-client.ts';

/** An object in a listing. */
export interface S3Object {
  readonly bucket: string;
  readonly key: string;
  /** The size in bytes. */
  readonly size: number;
  readonly etag: string | undefined;
}

/** An object, or a prefix that could not be listed, with the reason. */
export type ListedObject = S3Object | { readonly prefix: string; readonly failure: string };

/** The number of prefixes whose first pages are requested at once. */
const LISTED_AT_ONCE = 8;

interface Page {
  readonly objects: readonly S3Object[];
  readonly folders: readonly string[];
  readonly next: string | undefined;
}

interface FolderListing {
  readonly connection: S3Connection;
  readonly bucket: string;
  readonly wanted: WantedFolders;
}

/**
 * Yields the objects at an address by key, folder after folder. In known layouts, it lists only the wanted folders,
 * and
 * elsewhere everything. An address without a `/` at its end can mean three things. It is the object with this very key,
 * or else the folder of that name, or else a prefix.
 * @throws AwsError if S3 cannot be reached at all.
 */
export async function* listObjects(
  connection: S3Connection,
  { bucket, prefix }: S3Address,
  wanted: WantedFolders,
): AsyncGenerator<ListedObject> {
  const listing = { connection, bucket, wanted };
  const pages = prefetch(plan(listing, prefix), LISTED_AT_ONCE, (part) => firstOf(listing, part));
  for await (const first of pages) yield* allOf(listing, first);
}

/** A part of the listing: everything below a prefix, or objects that are already listed. */
type Part = { readonly prefix: string } | { readonly listed: readonly ListedObject[] };

type FirstPage = { readonly prefix: string; readonly page: Page } | { readonly listed: readonly ListedObject[] };

async function firstOf(listing: FolderListing, part: Part): Promise<FirstPage> {
  if ('listed' in part) return part;
  const page = await tryListing(listing, part.prefix, () => pageOf(listing, { prefix: part.prefix }));
  return 'failure' in page ? { listed: [page] } : { prefix: part.prefix, page };
}

async function* allOf(listing: FolderListing, first: FirstPage): AsyncGenerator<ListedObject> {
  if ('listed' in first) return yield* first.listed;
  const { prefix } = first;
  let { page } = first;
  yield* page.objects;
  while (page.next !== undefined) {
    const { next: token } = page;
    const answer = await tryListing(listing, prefix, () => pageOf(listing, { prefix, token }));
    if ('failure' in answer) return yield answer;
    page = answer;
    yield* page.objects;
  }
}

async function tryListing<T>(
  { connection }: FolderListing,
  prefix: string,
  list: () => Promise<T>,
): Promise<T | { prefix: string; failure: string }> {
  try {
    return await list();
  } catch (error) {
    const fault = requestFault(error, 's3:ListBucket', connection.profile);
    if (affectsAll(fault)) throw fault;
    return { prefix, failure: fault.message };
  }
}

/** Yields the parts to list. It first looks at what exists at the address itself. */
async function* plan(listing: FolderListing, prefix: string): AsyncGenerator<Part> {
  const found = await tryListing(listing, prefix, () => foldersOf(listing, prefix, MOST_PAGES_TO_PROBE));
  if ('failure' in found) return yield { listed: [found] };
  const isFolder = prefix === '' || prefix.endsWith('/');
  const object = found.objects.find(({ key }) => key === prefix);
  if (object !== undefined) return yield { listed: [object] };
  if (!isFolder && found.folders.includes(`${prefix}/`)) return yield* plan(listing, `${prefix}/`);
  const judged = isFolder ? judgeFolder(prefix, listing.wanted) : undefined;
  if (judged?.is === 'outside') return;
  if (judged?.is === 'narrow') return yield* planAll(listing, judged.folders);
  const isKnown = found.folders.some((folder) => judgeFolder(folder, listing.wanted).is !== 'unknown');
  if (judged?.is === 'whole' || judged?.is === 'other' || !isKnown || found.isPart) return yield { prefix };
  yield { listed: found.objects };
  yield* planAll(listing, found.folders);
}

async function* planAll(listing: FolderListing, folders: readonly string[]): AsyncGenerator<Part> {
  for (const folder of folders) yield* planBelow(listing, folder);
}

async function* planBelow(listing: FolderListing, folder: string): AsyncGenerator<Part> {
  const judged = judgeFolder(folder, listing.wanted);
  if (judged.is === 'outside' || judged.is === 'other') return;
  if (judged.is === 'narrow') return yield* planAll(listing, judged.folders);
  if (judged.is !== 'enter') return yield { prefix: folder };
  const found = await tryListing(listing, folder, () => foldersOf(listing, folder, Number.POSITIVE_INFINITY));
  if ('failure' in found) return yield { listed: [found] };
  yield { listed: found.objects };
  yield* planAll(listing, found.folders);
}

/**
 * Limits the pages that are read to see what is in a folder. No known layout has more entries in a folder above its
 * days. If there are more, the rest is listed completely.
 */
const MOST_PAGES_TO_PROBE = 3;

/**
 * Returns the entries directly below a prefix. Each folder is one entry. If there are too many pages, only some of the
 * entries are returned.
 */
async function foldersOf(
  listing: FolderListing,
  prefix: string,
  mostPages: number,
): Promise<Omit<Page, 'next'> & { readonly isPart: boolean }> {
  const objects: S3Object[] = [];
  const folders: string[] = [];
  let token: string | undefined;
  for (let pages = 0; pages < mostPages; pages += 1) {
    const page = await pageOf(listing, { prefix, token, delimiter: '/' });
    objects.push(...page.objects);
    folders.push(...page.folders);
    token = page.next;
    if (token === undefined) break;
  }
  return { objects, folders, isPart: token !== undefined };
}

interface PageRange {
  readonly prefix: string;
  readonly token?: string | undefined;
  readonly delimiter?: '/';
}

async function pageOf({ connection, bucket }: FolderListing, range: PageRange): Promise<Page> {
  const { ListObjectsV2Command } = await import('@aws-sdk/client-s3');
  const { prefix, token, delimiter } = range;
  const command = new ListObjectsV2Command({
    Bucket: bucket,
    Prefix: prefix,
    ...(delimiter && { Delimiter: delimiter }),
    ...(token !== undefined && { ContinuationToken: token }),
    ...connection.payer,
  });
  return readPage(bucket, await connection.client.send(command));
}

/** Reads a page of a listing. It skips keys that end with `/`, which consoles create as empty folders. */
function readPage(bucket: string, answer: ListObjectsV2CommandOutput): Page {
  const objects = (answer.Contents ?? []).flatMap(({ Key: key, Size: size = 0, ETag: etag }) =>
    key === undefined || key.endsWith('/') ? [] : [{ bucket, key, size, etag }],
  );
  const folders = (answer.CommonPrefixes ?? []).flatMap(({ Prefix: folder }) => folder ?? []);
  return { objects, folders, next: answer.IsTruncated === true ? answer.NextContinuationToken : undefined };
}

/**
 * Returns why nothing can be read at an address, in words that follow its name. Undefined if it has at least one
 * object.
 * @throws AwsError if S3 cannot be reached.
 */
export async function addressFailure(connection: S3Connection, address: S3Address): Promise<string | undefined> {
  const { ListObjectsV2Command } = await import('@aws-sdk/client-s3');
  const { bucket: Bucket, prefix: Prefix } = address;
  try {
    const command = new ListObjectsV2Command({ Bucket, Prefix, MaxKeys: 1, ...connection.payer });
    const { KeyCount = 0 } = await connection.client.send(command);
    return KeyCount > 0 ? undefined : 'contains no object';
  } catch (error) {
    if (error instanceof Error && error.name === 'NoSuchBucket') return 'names a bucket that does not exist';
    throw requestFault(error, `s3:ListBucket of ${s3Path(address)}`, connection.profile);
  }
}

/**
 * Yields the results of the work for each entry, in order. It starts the work for up to `most` entries ahead, so the
 * number of waiting results is limited.
 * @throws the errors of the entries and of the work, when it is their turn.
 */
export async function* prefetch<T, R>(
  entries: AsyncIterable<T>,
  most: number,
  work: (entry: T) => Promise<R>,
): AsyncGenerator<R> {
  const source = entries[Symbol.asyncIterator]();
  const begun: Promise<R>[] = [];
  let isOver = false;
  const fill = async () => {
    while (!isOver && begun.length < most) {
      const next = await source.next();
      if (next.done) isOver = true;
      else begun.push(keepForLater(work(next.value)));
    }
  };
  try {
    await fill();
    for (let next = begun.shift(); next !== undefined; next = begun.shift()) {
      yield await next;
      await fill();
    }
  } finally {
    await Promise.allSettled(begun);
    await source.return?.(undefined);
  }
}

/** Keeps a failure until its turn. Otherwise Node.js would report it as unhandled before. */
function keepForLater<R>(result: Promise<R>): Promise<R> {
  result.catch(() => undefined);
  return result;
}
