import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { Folder, REPOSITORY } from '../builders/command.ts';

const ORGANIZATION = ['organization', 'eu-west-1', 'code', 'SpokeRegions=eu-west-1'];

/** Runs the script beside an AWS command line that answers so, as cases of a shell, and nothing to all else; what it was asked for. */
function deploy(given: readonly string[], answers: string) {
  const folder = new Folder();
  onTestFinished(() => folder[Symbol.dispose]());
  const log = folder.at('asked');
  const aws = `#!/bin/sh\necho "$*" >> '${log}'\ncase "$*" in\n${answers}\nesac\n`;
  writeFileSync(folder.at('aws'), aws);
  chmodSync(folder.at('aws'), 0o755);
  const { status, stderr } = spawnSync('sh', [join(REPOSITORY, 'release/deploy.sh'), ...given], {
    env: { PATH: [folder.path, process.env.PATH].join(delimiter) },
    encoding: 'utf8',
  });
  return { status, stderr, asked: existsSync(log) ? readFileSync(log, 'utf8') : '' };
}

it("lets an organization into a bucket that has no policy, and leaves one alone that it can't read", () => {
  const none = 'An error occurred (NoSuchBucketPolicy) when calling the GetBucketPolicy operation: none';
  const denied = 'An error occurred (AccessDenied) when calling the GetBucketPolicy operation: Access Denied';
  const saying = (error: string) => `*get-bucket-policy*) echo '${error}' >&2; exit 254 ;;`;
  expect(deploy(ORGANIZATION, saying(none))).toMatchObject({
    status: 0,
    asked: expect.stringContaining('put-bucket-policy'),
  });
  const { status, stderr, asked } = deploy(ORGANIZATION, saying(denied));
  expect(asked).not.toContain('put-bucket-policy');
  expect(stderr).toContain(denied);
  expect(asked).not.toContain('cloudformation deploy');
  expect(status).not.toBe(0);
});

it('brings no code to a bucket of that name in an account that is not its own', () => {
  const othersBucket = [
    '*get-caller-identity*) echo 111122223333 ;;',
    '*head-bucket*--expected-bucket-owner\\ 111122223333*) exit 254 ;;',
    "*'s3 mb'*) echo 'make_bucket failed: BucketAlreadyExists' >&2; exit 1 ;;",
  ];
  for (const given of [['hub', 'eu-west-1', 'code'], ORGANIZATION]) {
    const { status, stderr, asked } = deploy(given, othersBucket.join('\n'));
    expect(asked).not.toContain('s3 sync');
    expect(stderr).toContain('BucketAlreadyExists');
    expect(status).not.toBe(0);
  }
});
