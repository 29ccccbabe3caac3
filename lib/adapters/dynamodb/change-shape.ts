import type { KeptAttribution } from '../../claims/kept-record.ts';
import type { ChangeCaller, ClusterChange } from '../../cloudtrail/cluster-change.ts';
import type { FilterChange } from '../../cloudtrail/filter-change.ts';
import { attributionShape } from './record-shape.ts';
import { flag, instant, listOf, objectOf, optional, text } from './shape.ts';

const caller = objectOf<ChangeCaller>({
  arn: optional(text),
  principalId: optional(text),
  accountId: optional(text),
  accessKeyId: optional(text),
  service: optional(text),
});

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
  caller,
  ip: optional(text),
  userAgent: optional(text),
};

/** The shape of a cluster's change in the sessions table. */
export const clusterChange = objectOf<ClusterChange>({ ...stated, at: instant });

/** The shape of a change of a subscription filter in the claims table. */
export const filterChange = objectOf<FilterChange>({
  eventName: text,
  eventId: optional(text),
  at: instant,
  cluster: text,
  accountId: text,
  region: text,
  filterName: optional(text),
  caller,
  ip: optional(text),
});

/** A cluster's change as the API returns it. */
interface AnsweredChange extends Omit<ClusterChange, 'at'> {
  readonly time: string;
  readonly clusterArn?: string | undefined;
  readonly attribution?: KeptAttribution | undefined;
}

/** A change of a cluster's subscription filter as the API returns it. */
interface AnsweredFilterChange extends Pick<FilterChange, 'eventName' | 'eventId' | 'filterName' | 'caller' | 'ip'> {
  readonly time: string;
  readonly attribution?: KeptAttribution | undefined;
}

export const filterEntryShape = objectOf<AnsweredFilterChange>({
  time: text,
  eventName: text,
  eventId: optional(text),
  filterName: optional(text),
  caller,
  ip: optional(text),
  attribution: optional(attributionShape),
});

export const changeShape = objectOf<AnsweredChange>({
  ...stated,
  time: text,
  clusterArn: optional(text),
  attribution: optional(attributionShape),
});
