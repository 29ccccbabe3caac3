import type { JsonObject } from '../../lib/json.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { ANOTHER_KEY, KEY, utc } from '../builders/company.ts';
import { grant } from '../builders/trail-records.ts';
import type { PastedWorld } from './pasted-world.ts';

export const [REQUESTED, LISTED, CREATED] = [1, 2, 3].map((at) => `7a0e1c5e-0000-4000-8000-00000000000${at}`) as [
  string,
  string,
  string,
];
export const TOKEN = 'JTI=2bcee17d-0a0e-4b8e-9d3c-0d4a7c3f8a01';
const ACCOUNT = { namespace: 'shop', name: 'deployer', apiVersion: 'v1' };
const STRANGER = roleUser({ key: ANOTHER_KEY });
const HOLDER: JsonObject = {
  username: 'system:serviceaccount:shop:deployer',
  uid: 'u-1',
  extra: { 'authentication.kubernetes.io/credential-id': [TOKEN] },
};

/** A key that no grant issued requested a token, and somebody listed all secrets and created a pod with the token. */
export const TOKEN_WORLD: PastedWorld = {
  grants: [grant({ key: KEY })],
  events: [
    eventBy(STRANGER, {
      auditID: REQUESTED,
      verb: 'create',
      requestURI: '/api/v1/namespaces/shop/serviceaccounts/deployer/token',
      objectRef: { resource: 'serviceaccounts', subresource: 'token', ...ACCOUNT },
      responseStatus: { code: 201 },
      requestReceivedTimestamp: utc('12:03:00'),
      annotations: { 'authentication.kubernetes.io/issued-credential-id': TOKEN },
    }),
    eventBy(HOLDER, {
      auditID: LISTED,
      verb: 'list',
      requestURI: '/api/v1/secrets',
      objectRef: { resource: 'secrets', apiVersion: 'v1' },
      requestReceivedTimestamp: utc('12:04:00'),
    }),
    eventBy(HOLDER, {
      auditID: CREATED,
      verb: 'create',
      requestURI: '/api/v1/namespaces/shop/pods',
      objectRef: { resource: 'pods', namespace: 'shop', name: 'miner', apiVersion: 'v1' },
      requestReceivedTimestamp: utc('12:05:00'),
    }),
  ],
};
