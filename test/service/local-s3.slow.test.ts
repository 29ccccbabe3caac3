import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { REPOSITORY } from '../builders/command.ts';
import { s3Account } from '../s3/running.ts';

function exampleFiles(kind: 'audit' | 'cloudtrail'): readonly (readonly [path: string, content: Buffer])[] {
  const folder = join(REPOSITORY, 'examples', kind);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
  return files.map(({ parentPath, name }) => {
    const path = join(parentPath, name);
    return [path.slice(folder.length + 1), readFileSync(path)] as const;
  });
}

describe('the service on one machine, with logs in S3', () => {
  it('is fed with the same as from the same files, and reads only the days in question from a trail', async () => {
    const { s3, folder, run, takeRequests } = await s3Account();
    const [audit, trail] = [s3.bucket('audit'), s3.bucket('trail')];
    for (const [path, content] of exampleFiles('audit')) audit.put(path, content);
    const days = 'AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03';
    for (const [path, content] of exampleFiles('cloudtrail')) trail.put(`${days}/10/${path}`, content);
    for (const day of ['07', '12']) trail.put(`${days}/${day}/x.json`, '{"Records":[]}');
    const times = ['--from', '2026-03-10T14:00:00Z', '--to', '2026-03-10T14:30:00Z'];
    const local = (name: string, paths: readonly string[]) =>
      run(['local', '--once', '--data', folder.at(name), ...paths, ...times]);
    const fromS3 = await local('s3', ['--audit', 's3://audit/', '--cloudtrail', 's3://trail/']);
    const examples = (kind: string) => join(REPOSITORY, 'examples', kind);
    const fromFiles = await local('files', ['--audit', examples('audit'), '--cloudtrail', examples('cloudtrail')]);
    expect([fromS3.status, fromS3.errors]).toEqual([0, '']);
    expect(fromS3.output).toMatch(/left out: .*audit events outside the time range/);
    expect(fromS3.output.trimEnd().split('\n').at(-1)).toMatch(/^[1-9]\d* events recorded/);
    expect(fromS3.output).toBe(fromFiles.output);
    const ofTrail = takeRequests().read.filter((key) => key.startsWith('AWSLogs/'));
    expect(ofTrail.length).toBe(exampleFiles('cloudtrail').length);
    expect(ofTrail.every((key) => key.startsWith(`${days}/10/`))).toBe(true);
  });

  it('reports that options for S3 need S3, and that times apply to audit events', async () => {
    const { run } = await s3Account();
    const audit = join(REPOSITORY, 'examples/audit');
    expect(await run(['local', '--once', '--audit', audit, '--region', 'eu-west-1'])).toMatchObject({
      status: 2,
      errors: expect.stringContaining('--region is for s3:// paths, and none is given'),
    });
    expect(await run(['local', '--once', '--from', '2026-03-10'])).toMatchObject({
      status: 2,
      errors: expect.stringContaining('--from and --to work only with --audit'),
    });
  });
});
