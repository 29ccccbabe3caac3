import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { auditEvent } from '../builders/audit-event.ts';
import { cases } from '../builders/thoroughness.ts';
import { CORPORA, recordsIn } from '../infra/corpus.ts';
import { drawFrom } from '../oracle/draw.ts';
import { generateWorld } from '../oracle/world.ts';
import { FastWay, plainWay } from './both-ways.ts';
import { mutated } from './mutations.ts';

/** How many of the lines were taken; what was made of each is what the plain way makes of it. */
function taken(lines: readonly (string | Buffer)[], fast = new FastWay()): number {
  let count = 0;
  for (const text of lines) {
    const line = Buffer.from(text);
    const made = fast.make(line);
    if (made === undefined) continue;
    count += 1;
    expect(made, line.toString()).toEqual(plainWay(line));
  }
  return count;
}

const SESSION = {
  username: 'arn:aws:sts::111122223333:assumed-role/dev/alice@example.com',
  uid: 'aws-iam-authenticator:111122223333:AROAEXAMPLEROLEID1234',
  groups: ['developers', 'system:authenticated'],
  extra: {
    accessKeyId: ['ASIAIOSFODNN7EXAMPLE'],
    arn: ['arn:aws:sts::111122223333:assumed-role/dev/alice@example.com'],
    canonicalArn: ['arn:aws:iam::111122223333:role/dev'],
    principalId: ['AROAEXAMPLEROLEID1234'],
    sessionName: ['alice@example.com'],
    'sigs.k8s.io/aws-iam-authenticator/principalId': ['AROAEXAMPLEROLEID1234'],
  },
};
const LINE = JSON.stringify(
  auditEvent({
    user: SESSION,
    requestURI: '/api/v1/pods?limit=5',
    objectRef: { resource: 'pods', namespace: 'shop', name: 'web-0', subresource: 'exec' },
    annotations: { 'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': 'RBAC: "x"' },
    responseStatus: { metadata: {}, code: 200 },
    sourceIPs: ['192.0.2.1'],
  }),
);

describe('an audit event read where it lies', () => {
  it('is what it is when it is parsed, also where its caller came before', () => {
    const node = JSON.stringify(
      auditEvent({ user: { username: 'system:node:ip-192-0-2-1', groups: ['system:nodes'] } }),
    );
    const others = [LINE, node, LINE.replace('alice@example.com"]', 'bob"]'), LINE.replace('"exec"', '"log"')];
    expect(taken([...others, ...others, ...others])).toBe(12);
  });

  it('is one with the escapes that Go writes, and with letters of any alphabet', () => {
    const uri = LINE.replace('?limit=5', '?limit=5\\u0026labelSelector=app%3D\\u003c日本\\u003e');
    expect(taken([uri, LINE.replace('alice@', '日本@'), LINE.replaceAll('dev/', 'd\\u0065v/')])).toBe(3);
  });

  it('is left alone where it is read in a way of its own', () => {
    const odd = [
      LINE.replace('"user":', '"impersonatedUser":{"username":"bob"},"user":'),
      LINE.replace('"auditID":', '"auditID":"first","auditID":'),
      LINE.replace('"auditID"', '"audit\\u0049D"'),
      LINE.replace('"auditID"', '"\ufeffauditID"'),
      LINE.replace('"items', '"items').replace('{', '{"items":[],'),
      LINE.replace('"authorization.k8s.io/decision"', '"authentication.k8s.io/issued-credential-id"'),
      LINE.replace('?limit', `?${'x'.repeat(5_000)}`),
      LINE.replace('shop', 'sh\top'),
      LINE.slice(0, -1),
      `${LINE}}`,
    ];
    expect(taken(odd)).toBe(0);
  });

  it.each(CORPORA)('is the same for each event of $name', async ({ audit, skip }) => {
    if (skip || !audit.every((path) => existsSync(path))) return;
    const events = (await recordsIn(audit)).audit.map((event) => JSON.stringify(event));
    expect(taken(events) / events.length).toBeGreaterThan(0.5);
  });

  it('is the same in generated worlds', () => {
    const fast = new FastWay('prod');
    for (let seed = 0; seed < cases(30, 5_000); seed += 1) {
      for (const value of generateWorld(seed).audit) {
        const line = Buffer.from(JSON.stringify(value));
        const made = fast.make(line);
        if (made !== undefined) expect(made, line.toString()).toEqual(plainWay(line, 'prod'));
      }
    }
  });

  it('is the same whatever is changed in its line', () => {
    const draw = drawFrom(20_260_310);
    const lines = [LINE, ...generateWorld(7).audit.map((value) => JSON.stringify(value))];
    const fast = new FastWay();
    let count = 0;
    for (let tried = 0; tried < cases(1_000, 150_000); tried += 1) {
      const once = mutated(draw.pick(lines), draw);
      const text = draw.below(2) === 0 ? once : mutated(once, draw);
      count += taken([text], fast);
    }
    expect(count).toBeGreaterThan(40);
  });
});
