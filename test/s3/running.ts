import { readFileSync } from 'node:fs';
import { afterEach } from 'vitest';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import type { RejectedPiece } from '../../lib/ports/input.ts';
import { type CommandOutcome, Folder, runCommand } from '../builders/command.ts';
import { type S3Server, startS3 } from '../stand-ins/s3/server.ts';

const running: (() => unknown)[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((end) => end()));
});

export interface AttributedS3 extends CommandOutcome {
  readonly records: readonly AuditRecord[];
  readonly rejects: readonly RejectedPiece[];
}

/** S3 on this machine, and the command line with credentials for it. */
export interface S3Account {
  readonly s3: S3Server;
  readonly folder: Folder;
  run(args: readonly string[], environment?: Readonly<Record<string, string>>): Promise<CommandOutcome>;
  attribute(audit: string, cloudtrail: string, more?: readonly string[]): Promise<AttributedS3>;
  /** The keys that were read, and the prefixes that were listed, since the last time. */
  takeRequests(): { readonly read: readonly string[]; readonly listed: readonly string[] };
}

export async function s3Account(): Promise<S3Account> {
  const s3 = await startS3();
  const folder = new Folder();
  running.push(
    () => s3.stop(),
    () => folder[Symbol.dispose](),
  );
  const credentials = {
    AWS_ENDPOINT_URL_S3: s3.url,
    AWS_ACCESS_KEY_ID: 'AKIATEST000000000000',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_REGION: 'eu-west-1',
    AWS_CONFIG_FILE: folder.at('no-config'),
    AWS_SHARED_CREDENTIALS_FILE: folder.at('no-credentials'),
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  const run = (args: readonly string[], environment: Readonly<Record<string, string>> = {}) =>
    runCommand(args, undefined, { ...credentials, ...environment });
  return {
    s3,
    folder,
    run,
    async attribute(audit, cloudtrail, more = []) {
      const rejects = folder.at('rejects.jsonl');
      const options = ['--audit', audit, '--cloudtrail', cloudtrail, '--rejects', rejects];
      const ran = await run(['attribute', ...options, ...more]);
      return { ...ran, records: jsonLines(ran.output), rejects: jsonLines(readFileSync(rejects, 'utf8')) };
    },
    takeRequests() {
      const made = s3.requests.splice(0);
      return {
        read: made.filter(({ operation }) => operation === 'GetObject').map(({ key }) => key),
        listed: made.filter(({ operation }) => operation === 'ListObjectsV2').map(({ key }) => key),
      };
    },
  };
}

function jsonLines<T>(text: string): T[] {
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as T]));
}
