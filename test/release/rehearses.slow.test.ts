import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Folder, REPOSITORY } from '../builders/command.ts';

/** The address of `.ci/moto-server.py`, and the folder of the AWS CLI. `.ci/other-aws` has both, and the checkout's release. */
const { EKS_WHOIS_CLOUDFORMATION: SERVER = '', EKS_WHOIS_AWS: TOOLS = '', EKS_WHOIS_RELEASE: RELEASE } = process.env;
const ARTIFACTS = join(REPOSITORY, 'artifacts');
const ACCOUNT = '111122223333';
const folder = new Folder();
const environment: Record<string, string> = {
  PATH: [folder.at('bin'), TOOLS, process.env.PATH].join(delimiter),
  HOME: folder.path,
  TMPDIR: folder.path,
  AWS_ENDPOINT_URL: SERVER.replace('127.0.0.1', 'localhost'),
  AWS_ACCESS_KEY_ID: 'AKIDLOCAL',
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_DEFAULT_REGION: 'eu-west-1',
};

function aws(command: string): string {
  const [program, ...args] = ['aws', ...command.split(' '), '--output', 'text'] as const;
  return execFileSync(program, args, { env: environment, encoding: 'utf8' }).trim();
}

/** moto runs no function, raises no alarm and has no API: what only AWS can show fails here, and the rest is done all the same. */
describe.skipIf(SERVER === '' || TOOLS === '')('the rehearsal on AWS', () => {
  let output: string;
  let report: string;

  beforeAll(async () => {
    await fetch(`${SERVER}/moto-api/reset`, { method: 'POST' });
    if (RELEASE !== ARTIFACTS)
      execFileSync(process.execPath, ['release/release.ts'], { cwd: REPOSITORY, stdio: 'ignore' });
    mkdirSync(folder.at('bin'));
    const userArn = aws('iam create-user --user-name grace.kim --query User.Arn');
    const userId = aws('iam get-user --user-name grace.kim --query User.UserId');
    aws('logs create-log-group --log-group-name /aws/eks/eks-whois-rehearsal/cluster');
    const key = aws('iam create-access-key --user-name grace.kim --query AccessKey.[AccessKeyId,SecretAccessKey]');
    const [id = '', secret = ''] = key.split(/\s+/);
    Object.assign(environment, { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret });
    const standIn = `node test/release/kubectl-stand-in.ts ${ACCOUNT} "$role" ${userArn} ${userId} "$@"`;
    const roleId = 'aws iam get-role --role-name eks-whois-rehearsal --query Role.RoleId --output text';
    folder.file('bin/kubectl', `#!/bin/sh\ncd ${REPOSITORY}\nrole=$(${roleId})\nexec ${standIn}\n`);
    chmodSync(folder.at('bin/kubectl'), 0o755);
    const { stdout, stderr } = spawnSync('sh', ['release/rehearse-on-aws.sh', 'eu-west-1', 'example-rehearsal'], {
      cwd: REPOSITORY,
      encoding: 'utf8',
      env: {
        ...environment,
        ...{ YES: 'yes', WAIT_MINUTES: '0', IAM_SECONDS: '0', FILTER_SECONDS: '0', REPORT: folder.at('report.md') },
      },
    });
    output = `${stdout}${stderr}`;
    report = readFileSync(folder.at('report.md'), 'utf8');
  });
  afterAll(() => {
    folder[Symbol.dispose]();
    if (RELEASE !== ARTIFACTS) rmSync(ARTIFACTS, { recursive: true, force: true });
  });

  it.each([
    'the cluster is created',
    'the role is created',
    'the templates deploy',
    'a session of the role deletes a ConfigMap',
    'the request is recorded',
    'the record has a name',
    'the name is the caller, not what the session claims',
    "the record has the cluster's ARN, from the system fields",
    "the log group's events load again, and are known",
    'dead letters can be listed',
    'the stack is deleted',
    'no subscription filter is left',
    'nothing is left',
  ])('passes: %s', (what) => {
    expect(report, output).toContain(`| ${what} | passed |`);
  });

  it.each(['the cluster is found and subscribed', 'the API answers with the same name', 'the fleet lists the cluster'])(
    'reports what did not happen: %s',
    (what) => {
      expect(report, output).toContain(`| ${what} | **failed** |`);
    },
  );

  it('writes a report without the account and the caller', () => {
    expect(report).not.toContain(ACCOUNT);
    expect(report).not.toContain('grace.kim');
    expect(report).toMatch(/\d+ passed, \d+ failed/);
  });
});
