import type { KeptAttribution } from '../../claims/kept-record.ts';
import type { ChangeCaller, ClusterChange } from '../../cloudtrail/cluster-change.ts';
import { attributionShape } from './record-shape.ts';
import { flag, instant, listOf, objectOf, optional, text } from './shape.ts';

const stated = {
  eventName: text,
  eventId: optional(text),
  errorCode: optional(text),
  cluster: optional(text),
  accountId: optional(text),
  region: optional(text),
  principalArn: optional(text),
  policyArn: optional(text),
  scope: optional(text),
  groups: optional(listOf(text)),
  loggingOff: optional(listOf(text)),
  loggingOn: optional(listOf(text)),
  publicEndpoint: optional(flag),
  publicCidrs: optional(listOf(text)),
  authenticationMode: optional(text),
  identityProvider: optional(text),
  issuer: optional(text),
  associationId: optional(text),
  roleArn: optional(text),
  serviceAccount: optional(text),
  caller: objectOf<ChangeCaller>({
    arn: optional(text),
    principalId: optional(text),
    accountId: optional(text),
    accessKeyId: optional(text),
    service: optional(text),
  }),
  ip: optional(text),
  userAgent: optional(text),
};

/** A change of a cluster as stored in the sessions table. */
export const clusterChange = objectOf<ClusterChange>({ ...stated, at: instant });

/** A change as the API answers it. */
interface AnsweredChange extends Omit<ClusterChange, 'at'> {
  readonly time: string;
  readonly clusterArn?: string | undefined;
  readonly attribution?: KeptAttribution | undefined;
}

export const changeShape = objectOf<AnsweredChange>({
  ...stated,
  time: text,
  clusterArn: optional(text),
  attribution: optional(attributionShape),
});
