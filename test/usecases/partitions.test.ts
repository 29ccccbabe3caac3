import { describe, expect, it } from 'vitest';
import { anythingBody } from '../../lib/usecases/query/anything/outcomes.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { ACCOUNT, KEY, ROLE_NAME } from '../builders/company.ts';
import { grant } from '../builders/trail-records.ts';
import { namedIn, overFiles, overService } from './pasted-world.ts';

const SESSION = { session: 'deploy', key: KEY };
const WORLD = { grants: [grant(SESSION)], events: [eventBy(roleUser(SESSION), { auditID: 'audit-1' })] };

function sessionArn(partition: string): string {
  return `arn:${partition}:sts::${ACCOUNT}:assumed-role/${ROLE_NAME}/deploy`;
}

function roleArn(partition: string): string {
  return `arn:${partition}:iam::${ACCOUNT}:role/${ROLE_NAME}`;
}

describe.each([
  ['files', overFiles],
  ['the service', overService],
])('an ARN of another partition, over %s', (_, over) => {
  it.each([
    ['session', sessionArn],
    ['role', roleArn],
  ])('of a %s is nobody’s of the known partition', async (_kind, arn) => {
    expect(namedIn(await over(WORLD, arn('aws')))).toEqual(['alice']);
    const other = await over(WORLD, arn('aws-cn'));
    expect(namedIn(other)).toEqual([]);
    expect(anythingBody(other)).toHaveProperty('unknown');
  });
});
