import { type BigIntStats, fstatSync, statSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { findFiles, pathFailure, STANDARD_INPUT } from '../../lib/adapters/files/paths.ts';
import { addressFailure } from '../../lib/adapters/s3/listing.ts';
import { isS3Path, parseS3Path, type S3Address } from '../../lib/adapters/s3/s3-address.ts';
import { connectToS3, type S3Access } from '../../lib/adapters/s3/s3-client.ts';
import { CommandError, wrongUsage } from '../failures/command-error.ts';
import { reportFaults } from '../failures/faults.ts';

/**
 * Checks that each path can be read, before any work is done.
 * @param access the sign-in for paths in S3.
 * @throws CommandError for the first path that cannot be read.
 */
export async function checkPaths(paths: readonly string[], access: S3Access): Promise<void> {
  if (paths.filter((path) => path === STANDARD_INPUT).length > 1) {
    throw wrongUsage(
      'Standard input (-) is given to several options, but can be read only once. Give it to one option.',
    );
  }
  if (paths.includes(STANDARD_INPUT) && isFolder(0)) {
    throw new CommandError(
      'Standard input is a folder, which cannot be read as a stream. Give its path instead of -.',
      1,
    );
  }
  await checkS3Paths(paths.filter(isS3Path), access);
  for (const path of paths) {
    const failure = isS3Path(path) ? undefined : await pathFailure(path);
    if (failure !== undefined) throw new CommandError(`${path} ${failure}. Give a file, a folder or -.`, 1);
  }
}

async function checkS3Paths(paths: readonly string[], access: S3Access): Promise<void> {
  if (paths.length === 0) return;
  const addresses = paths.map((path) => [path, addressOf(path)] as const);
  await reportFaults(async () => {
    const connection = await connectToS3(access);
    for (const [path, address] of addresses) {
      const failure = await addressFailure(connection, address);
      if (failure !== undefined) throw new CommandError(`${path} ${failure}. Give s3://bucket/prefix.`, 1);
    }
  });
}

function addressOf(path: string): S3Address {
  const address = parseS3Path(path);
  if (address === undefined) throw wrongUsage(`${path} has no valid bucket name. Give s3://bucket/prefix.`);
  return address;
}

export interface InputsAndOutputs {
  readonly inputs: readonly string[];
  readonly output?: string | undefined;
  readonly rejects?: string | undefined;
}

/**
 * Refuses an output that is one of the inputs, or is in one, under any name or link. Opening it for writing would empty
 * an input, and a folder must not grow while it is read.
 * @throws CommandError for such an output.
 */
export async function checkOutputs({ inputs, output, rejects }: InputsAndOutputs): Promise<void> {
  const [written, rejected] = await Promise.all([output, rejects].map(placeOf));
  if (written !== undefined && rejected !== undefined && isSamePlace(written, rejected)) {
    throw wrongUsage('--output-file and --rejects name the same file. Give each its own file.');
  }
  for (const place of [written, rejected]) {
    const input = place && (await inputWith(place, inputs));
    if (input)
      throw wrongUsage(
        `The output file ${place.path} is part of the input (${input}), which must not change while it is read. Give a file elsewhere.`,
      );
  }
}

interface Place {
  /** The path as the user gave it. */
  readonly path: string;
  readonly real: string;
  /**
   * The state of the file by the file system. Undefined if there is no file yet, or none that this user can look at.
   */
  readonly stats: BigIntStats | undefined;
}

async function placeOf(path: string | undefined): Promise<Place | undefined> {
  if (path === undefined || path === STANDARD_INPUT) return undefined;
  return { path, real: await realPath(path), stats: statsOf(path) };
}

/** Returns the state of the file. Returns undefined also if this user cannot look at it: opening it reports why. */
function statsOf(place: string | number): BigIntStats | undefined {
  try {
    return typeof place === 'string' ? statSync(place, { bigint: true }) : fstatSync(place, { bigint: true });
  } catch {
    return undefined;
  }
}

/** Resolves links, also if the last part does not exist yet. Opening it reports what else may be wrong. */
async function realPath(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const folder = dirname(resolve(path));
    return join(await realpath(folder).catch(() => folder), basename(path));
  }
}

function isSamePlace(a: Place, b: Place): boolean {
  return a.real === b.real || isSameFile(a.stats, b.stats);
}

function isSameFile(a: BigIntStats | undefined, b: BigIntStats | undefined): boolean {
  return a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino;
}

async function inputWith(place: Place, inputs: readonly string[]): Promise<string | undefined> {
  for (const input of inputs) {
    if (isS3Path(input)) continue;
    const isOfStandardInput = input === STANDARD_INPUT;
    if (isOfStandardInput ? isStandardInput(place) : await isIn(input, place))
      return isOfStandardInput ? 'standard input' : input;
  }
  return undefined;
}

function isStandardInput({ stats }: Place): boolean {
  return stats?.isFile() === true && isSameFile(stats, statsOf(0));
}

/** Returns whether the place is this file, or a file in this folder, by whatever name. */
async function isIn(input: string, { real, stats }: Place): Promise<boolean> {
  const read = await realPath(input); // a pipe, such as <(zcat x), has no path that can be resolved
  if (real === read || (real.startsWith(`${read}${sep}`) && isFolder(read))) return true;
  return stats?.isFile() === true && (await hasFile(input, stats));
}

/** Returns whether the path, or the open file, is a folder. */
function isFolder(place: string | number): boolean {
  return statsOf(place)?.isDirectory() ?? false;
}

/** Returns whether a file below the input is the same file under another name. */
async function hasFile(input: string, stats: BigIntStats): Promise<boolean> {
  for await (const { file } of findFiles([input])) {
    if (isSameFile(stats, statsOf(file))) return true;
  }
  return false;
}
