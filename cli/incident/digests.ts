import { readFile } from 'node:fs/promises';
import { verifyDigestFiles } from '../../lib/adapters/cloudtrail/digest-files.ts';
import { digestKeys, verifyingWith } from '../../lib/adapters/cloudtrail/digest-keys.ts';
import { failureOf, STANDARD_INPUT } from '../../lib/adapters/files/paths.ts';
import { isS3Path } from '../../lib/adapters/s3/s3-address.ts';
import type { DigestReport, Verify } from '../../lib/cloudtrail/digest-check.ts';
import { CommandError } from '../failures/command-error.ts';
import type { IncidentOptions } from './options.ts';

/** Told before any work is done. @throws CommandError where the file holds no key. */
export async function digestVerifier({ digestPublicKey: file }: IncidentOptions): Promise<Verify> {
  if (file === undefined) return () => undefined;
  const keys = digestKeys(await keyText(file));
  if (keys !== undefined) return verifyingWith(keys);
  throw new CommandError(
    `--digest-public-key ${file} holds no RSA key: give an answer of aws cloudtrail list-public-keys, or a key as PEM or in base64.`,
    1,
  );
}

async function keyText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new CommandError(`--digest-public-key ${file} ${failureOf(error)}: give another file.`, 1, { cause: error });
  }
}

/** Of the files; what lies in S3 is verified by AWS's own command. Undefined where there are no digest files. */
export function digestReport({ cloudtrail = [] }: IncidentOptions, verify: Verify): Promise<DigestReport | undefined> {
  const files = cloudtrail.filter((path) => !isS3Path(path) && path !== STANDARD_INPUT);
  return verifyDigestFiles(files, verify);
}
