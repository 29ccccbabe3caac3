import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { isJsonObject, listAt, objectAt, textsAt } from '../../lib/json.ts';
import { person } from './running.ts';

/** The AWS CLI keeps what it is given for a role below the home folder: the tests run it with another. */
const INSTALLED = spawnSync('aws', ['--version'], { env: { PATH: process.env.PATH, HOME: tmpdir() } }).status === 0;

/** The command that kubectl would run for the only user. */
function execOf(kubeconfig: string): readonly string[] {
  const config: unknown = parse(kubeconfig);
  const entry = listAt(isJsonObject(config) ? config : undefined, 'users')?.[0];
  return textsAt(objectAt(objectAt(isJsonObject(entry) ? entry : undefined, 'user'), 'exec'), 'args') ?? [];
}

test.skipIf(!INSTALLED)(
  "the AWS CLI signs kubectl's token by the role, in a session named after the person",
  async () => {
    const alice = await person({ clusters: [{ name: 'prod', region: 'eu-west-1' }] });
    await alice.eksWhois(['kubeconfig', 'create', 'prod', '--project', 'projectA', '--environment', 'qa']);
    const aws = await alice.outside('aws', execOf(await alice.text('.kube/config')));
    expect(aws.stderr).toBe('');
    const [request] = alice.aws.requests.filter(({ operation }) => operation === 'AssumeRole');
    expect(request?.parameters.get('RoleSessionName')).toBe('alice');
    expect(request?.parameters.get('RoleArn')).toBe('arn:aws:iam::111122223333:role/projectA-qa-humans');
    const [, token = ''] = /"token": "k8s-aws-v1\.([^"]+)"/.exec(aws.stdout) ?? [];
    expect(Buffer.from(token, 'base64url').toString()).toContain('X-Amz-Credential=ASIASTANDIN000000001%2F');
  },
);
