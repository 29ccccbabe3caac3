import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Folder, REPOSITORY } from '../builders/command.ts';

/** The address of `.ci/moto-server.py`, the folder of the AWS CLI, and a release. `.ci/other-aws` has them. */
const { EKS_WHOIS_CLOUDFORMATION: SERVER = '', EKS_WHOIS_AWS: TOOLS = '', EKS_WHOIS_RELEASE: RELEASE } = process.env;
const folder = new Folder();
const ENVIRONMENT = {
  PATH: [TOOLS, process.env.PATH].join(delimiter),
  HOME: folder.path,
  // moto takes a template from an address with this name for one of its own buckets.
  AWS_ENDPOINT_URL: SERVER.replace('127.0.0.1', 'localhost'),
  AWS_ACCESS_KEY_ID: 'AKIDLOCAL',
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_DEFAULT_REGION: 'eu-west-1',
};

function run(command: string, more: Readonly<Record<string, string>> = {}): string {
  return execFileSync('bash', ['-c', command], {
    cwd: folder.path,
    env: { ...ENVIRONMENT, ...more },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Returns the command of a page that deploys such a template, as a reader copies it, and its output there. */
function shown(kind: 'hub' | 'organization'): { readonly command: string; readonly output: string } {
  const path = kind === 'hub' ? 'docs/deploy.md' : 'docs/accounts.md';
  const page = readFileSync(join(REPOSITORY, path), 'utf8');
  const blocks = page.matchAll(/^```console\n\$ ((?:.*\\\n)*.*)\n([\s\S]*?)^```$/gm);
  for (const [, command = '', output = ''] of blocks)
    if (command.includes(`-deploy.sh ${kind} `)) return { command, output };
  throw new Error(`${path} has no deployment of the kind ${kind} with its output`);
}

/** API Gateway draws the name of an API; a build's folder is called after its checksums. */
const withoutDrawn = (output: string) =>
  output
    .replace(/\w+(?=\.execute-api\.)/, 'a1b2c3d4e5')
    .replace(/(?<=\/eks-whois\/[\d.]+-)[\da-f]{12}(?=\/)/g, '0a1b2c3d4e5f');

describe.skipIf(SERVER === '' || TOOLS === '')('the deployments of the docs, by the AWS command line', () => {
  /** The account that manages the organization; its credentials. */
  let manager: Readonly<Record<string, string>>;

  beforeAll(async () => {
    await fetch(`${SERVER}/moto-api/reset`, { method: 'POST' });
    if (RELEASE !== undefined) cpSync(RELEASE, folder.at('artifacts'), { recursive: true });
    else
      execFileSync(process.execPath, ['release/release.ts', folder.at('artifacts')], {
        cwd: REPOSITORY,
        stdio: 'ignore',
      });
    const role = 'arn:aws:iam::222233334444:role/admin';
    const assumed = run(`aws sts assume-role --role-arn ${role} --role-session-name admin --output json`);
    const { AccessKeyId, SecretAccessKey, SessionToken } = JSON.parse(assumed).Credentials;
    manager = {
      AWS_ACCESS_KEY_ID: AccessKeyId,
      AWS_SECRET_ACCESS_KEY: SecretAccessKey,
      AWS_SESSION_TOKEN: SessionToken,
    };
    run('aws organizations create-organization', manager);
    for (const name of ['shop', 'warehouse'])
      run(`aws organizations create-account --account-name ${name} --email ${name}@example.com`, manager);
  });
  afterAll(() => folder[Symbol.dispose]());

  it('make a hub', () => {
    const { command, output } = shown('hub');
    expect(withoutDrawn(run(command))).toBe(withoutDrawn(output));
    // The rehearsal makes its own hub in the same account meanwhile.
    const own = `length(Functions[?starts_with(FunctionName, 'eks-whois-prod-')])`;
    expect(run(`aws lambda list-functions --query "${own}"`).trim()).toBe('6');
  });

  it('update a hub in place, only with the given parameters', () => {
    const { command } = shown('hub');
    expect(run(`${command} RecordDays=30 --tags team=security`)).toContain('eks-whois-prod-records');
    const parameters = JSON.parse(
      run('aws cloudformation describe-stacks --stack-name eks-whois-prod --query Stacks[0].Parameters --output json'),
    );
    expect(parameters).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ ParameterKey: 'RecordDays', ParameterValue: '30' }),
        expect.objectContaining({ ParameterKey: 'AlertEmail', ParameterValue: 'security@example.com' }),
      ]),
    );
  });

  it('show the changes without applying them', () => {
    const { command } = shown('hub');
    const output = run(`${command} RecordDays=60 --no-execute-changeset`);
    expect(output).toContain('aws cloudformation describe-change-set');
    expect(output).not.toContain('ApiUrl');
  });

  it('create a spoke in every account and Region of an organization', () => {
    const { command, output } = shown('organization');
    expect(withoutDrawn(run(command, manager))).toBe(withoutDrawn(output));
    const member = JSON.parse(
      run(
        'aws sts assume-role --role-arn arn:aws:iam::444455556666:role/admin --role-session-name admin --output json',
      ),
    ).Credentials;
    const asMember = {
      AWS_ACCESS_KEY_ID: member.AccessKeyId,
      AWS_SECRET_ACCESS_KEY: member.SecretAccessKey,
      AWS_SESSION_TOKEN: member.SessionToken,
      AWS_DEFAULT_REGION: 'us-east-1',
    };
    const names = run('aws lambda list-functions --query "Functions[].FunctionName" --output text', asMember);
    expect(names.trim().split('\t')).toEqual(['eks-whois-prod-ingest', 'eks-whois-prod-subscribe']);
  });

  it('upload nothing to a bucket of another account, whatever its policy allows', () => {
    const open = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Principal: '*', Action: 's3:*', Resource: 'arn:aws:s3:::example-taken-eu-west-1/*' },
      ],
    });
    run('aws s3 mb s3://example-taken-eu-west-1', manager);
    run(`aws s3api put-bucket-policy --bucket example-taken-eu-west-1 --policy '${open}'`, manager);
    const { command } = shown('hub');
    expect(() => run(command.replace('example-eks-whois', 'example-taken'))).toThrow('Choose another name');
    expect(run('aws s3 ls --recursive s3://example-taken-eu-west-1', manager)).toBe('');
  });

  it('create buckets without public access, for TLS only', () => {
    const [closed, policy] = ['get-public-access-block', 'get-bucket-policy'].map((call) =>
      JSON.parse(run(`aws s3api ${call} --bucket example-eks-whois-eu-west-1 --output json`)),
    );
    expect(Object.values(closed.PublicAccessBlockConfiguration)).toEqual([true, true, true, true]);
    expect(JSON.parse(policy.Policy).Statement).toEqual([
      expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
    ]);
  });

  it("let an organization read the bucket of a hub too, and keep somebody's own policy", () => {
    const own =
      '{"Version": "2012-10-17", "Statement": [{"Sid": "Own", "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::example-own-us-east-1/x"}]}';
    const policyOf = (bucket: string) =>
      run(`aws s3api get-bucket-policy --bucket ${bucket} --query Policy --output text`, manager);
    run('aws s3 mb s3://example-own-us-east-1 --region us-east-1', manager);
    run(`aws s3api put-bucket-policy --bucket example-own-us-east-1 --region us-east-1 --policy '${own}'`, manager);
    const output = run(
      `sh artifacts/eks-whois-*-deploy.sh hub us-east-1 example-both --no-execute-changeset 2>&1 &&
       sh artifacts/eks-whois-*-deploy.sh organization eu-west-1 example-own HubAccount=111122223333 HubRegion=eu-west-1 \
         SpokeRegions=us-east-1 OrganizationalUnits=r-ab12 --stack-name of-example-own --no-execute-changeset 2>&1 &&
       sh artifacts/eks-whois-*-deploy.sh organization eu-west-1 example-both LogDays=7 --no-execute-changeset 2>&1`,
      manager,
    );
    expect(output, 'the Regions of the deployed stack').toContain('code: s3://example-both-us-east-1/eks-whois/');
    expect(output).toContain('The policy of example-own-us-east-1 does not contain o-');
    expect(output).not.toContain('The policy of example-both');
    expect(JSON.parse(policyOf('example-own-us-east-1'))).toEqual(JSON.parse(own));
    expect(policyOf('example-both-us-east-1')).toMatch(/aws:PrincipalOrgID.*SecureTransport/s);
  });

  it('update functions by another build of the same version', () => {
    const codeDeployed = () => {
      const given = 'HubAccount=111122223333 HubRegion=eu-west-1';
      const parts = run(`sh artifacts/eks-whois-*-deploy.sh spoke us-west-2 example-eks-whois ${given}`);
      expect(parts).toContain('stack - eks-whois-spoke');
      const name = 'eks-whois-prod-subscribe';
      return run(`aws lambda get-function --region us-west-2 --function-name ${name} --query Configuration.CodeSha256`);
    };
    const before = codeDeployed();
    run(
      `cd artifacts && cp eks-whois-*-grants.zip eks-whois-*-subscribe.zip &&
       rm SHA256SUMS && sha256sum * > ../sums && mv ../sums SHA256SUMS`,
    );
    expect(codeDeployed()).not.toBe(before);
  });

  it('refuse an organization without Regions, and a template that does not exist', () => {
    const script = shown('organization').command.split(' ', 2).join(' ');
    expect(() => run(`${script} organization eu-west-1 b HubAccount=111122223333`)).toThrow('SpokeRegions=');
    expect(() => run(`${script} cluster eu-west-1 b`)).toThrow('hub|spoke|organization');
  });
});
