import { readYaml } from '../../lib/adapters/doctor/yaml.ts';
import { readBytes } from '../../lib/adapters/files/inflate.ts';
import { PackedDataError } from '../../lib/adapters/files/inflater.ts';
import { codeOf } from '../../lib/adapters/files/paths.ts';
import { UnreadableFileError } from '../../lib/adapters/files/unreadable-file.ts';
import { readAccessEntries } from '../../lib/doctor/access-entries.ts';
import { readAwsAuth } from '../../lib/doctor/aws-auth.ts';
import type { Finding, Outcome } from '../../lib/doctor/finding.ts';
import type { Mapping } from '../../lib/doctor/mapping.ts';
import { readTrustPolicies, type TrustedRole } from '../../lib/doctor/trust-policy.ts';
import { escapeForTerminal } from '../../lib/words/escape.ts';
import { CommandError } from '../failures/command-error.ts';

export interface DoctorFiles {
  readonly awsAuth?: string;
  readonly accessEntries?: string;
  readonly trustPolicies?: string;
}

/** The results of reading the files. */
export interface FromFiles {
  readonly mappings: readonly Mapping[];
  readonly roles: readonly TrustedRole[];
  /** Findings on parts of the files that could not be read. */
  readonly findings: readonly Finding[];
}

const MEBIBYTE = 1024 * 1024;
/** The longest ConfigMap that is read. One holds at most 1 MiB (kubernetes.io, "ConfigMaps"), and kubectl adds some. */
const LONGEST_CONFIG_MAP = 4 * MEBIBYTE;
const LONGEST_ANSWERS = 256 * MEBIBYTE;

export async function readDoctorFiles({ awsAuth, accessEntries, trustPolicies }: DoctorFiles): Promise<FromFiles> {
  const auth = await reading(awsAuth, 'aws-auth', LONGEST_CONFIG_MAP, (text) => readAwsAuth(text, readYaml));
  const entries = await reading(accessEntries, 'access entries', LONGEST_ANSWERS, readAccessEntries);
  const roles = await reading(trustPolicies, 'trust policies', LONGEST_ANSWERS, readTrustPolicies);
  return {
    mappings: [...(auth?.mappings ?? []), ...(entries ?? [])],
    roles: roles ?? [],
    findings: auth?.findings ?? [],
  };
}

async function reading<T>(
  file: string | undefined,
  what: string,
  longest: number,
  read: (text: string) => Outcome<T>,
): Promise<T | undefined> {
  if (file === undefined) return undefined;
  const outcome = read(await textOf(file, longest));
  if (outcome.ok) return outcome.value;
  throw failure(`${nameOf(file)} cannot be read as ${what}: ${outcome.message}. Give another file, or correct it.`);
}

async function textOf(file: string, longest: number): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const { bytes } of readBytes(file)) {
      length += bytes.length;
      if (length > longest)
        throw failure(`${nameOf(file)} is larger than ${longest / MEBIBYTE} MiB. Give a smaller file.`);
      chunks.push(Buffer.from(bytes)); // the reader reuses them for the next chunk
    }
  } catch (error) {
    if (error instanceof UnreadableFileError)
      throw failure(
        `${nameOf(file)} ${codeOf(error.cause) === 'ENOENT' ? 'does not exist' : `cannot be read (${codeOf(error.cause)})`}. Check the path.`,
        error,
      );
    if (error instanceof PackedDataError) throw failure(`${nameOf(file)} cannot be read. ${error.message}`, error);
    throw error;
  }
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/^\uFEFF/, '');
}

function nameOf(file: string): string {
  return file === '-' ? 'Standard input' : file;
}

function failure(message: string, cause?: unknown): CommandError {
  return new CommandError(escapeForTerminal(message), 1, { cause });
}
