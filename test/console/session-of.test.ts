import { expect, it } from 'vitest';
import { sessionOfCaller } from '../../console/page/core/sessions.ts';
import { accessKeyId } from '../../lib/identity/access-key.ts';
import { roleIdOf } from '../../lib/identity/arn.ts';

const CALLER = {
  kind: 'role-session',
  uid: 'aws-iam-authenticator:444455556666:AROAL3H6OXYWHJEXAMPLE',
  username: 'arn:aws:sts::444455556666:assumed-role/orders-developer/EKSGetTokenAuth',
  roleId: roleIdOf('AROAL3H6OXYWHJEXAMPLE'),
  sessionName: 'EKSGetTokenAuth',
} as const;

it('is the access key, since a name can be several people’s', () => {
  expect(sessionOfCaller({ ...CALLER, accessKeyId: accessKeyId('ASIAEPSSBBJMDEXAMPLE') })).toBe('ASIAEPSSBBJMDEXAMPLE');
});

it('is the name with its role where no key is known', () => {
  expect(sessionOfCaller(CALLER)).toBe('AROAL3H6OXYWHJEXAMPLE:EKSGetTokenAuth');
});

it('is none of the cluster’s own', () => {
  expect(sessionOfCaller({ kind: 'kubernetes-system', username: 'system:apiserver' })).toBeUndefined();
});
