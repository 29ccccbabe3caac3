import { clusterInFull, partsOf } from '../identity/cluster.ts';
import type { HeardKind } from './heartbeat.ts';

/** The kinds of trouble in the fleet. Each has its section in docs/alerts.md, "fleet". */
export type Trouble =
  | { readonly what: 'cluster-silent'; readonly cluster: string }
  | { readonly what: 'cluster-late'; readonly cluster: string }
  | { readonly what: 'cluster-unheard'; readonly cluster: string; readonly standing: string }
  | { readonly what: 'stack-silent'; readonly accountId: string; readonly region: string }
  | { readonly what: 'source-silent'; readonly accountId: string; readonly region: string }
  | { readonly what: 'source-unheard'; readonly accountId: string; readonly region: string }
  | { readonly what: 'never-heard'; readonly kind: HeardKind | 'account'; readonly name?: string }
  | {
      readonly what: 'spoke-failed' | 'spoke-missing' | 'spoke-unheard';
      readonly by: string;
      readonly accountId: string;
      readonly region: string;
    }
  | { readonly what: 'roll-out-silent' | 'accounts-unlisted'; readonly account: string }
  | { readonly what: 'refused'; readonly account: string }
  | { readonly what: 'over-ceiling'; readonly account: string }
  | { readonly what: 'many-new-clusters'; readonly account: string }
  | { readonly what: 'undecided'; readonly account: string | undefined }
  | { readonly what: 'more'; readonly count: number; readonly account?: string };

/**
 * Returns the account that a trouble is about; undefined if it is about none, or about an unknown one. A trouble with a
 * spoke that a roll-out lists counts for the account that reported the roll-out, because that account may have invented
 * the spoke.
 */
export function accountOfTrouble(trouble: Trouble): string | undefined {
  switch (trouble.what) {
    case 'cluster-silent':
    case 'cluster-late':
    case 'cluster-unheard':
      return partsOf(trouble.cluster)?.accountId;
    case 'never-heard':
      if (trouble.kind === 'account') return trouble.name;
      return trouble.name === undefined ? undefined : partsOf(trouble.name)?.accountId;
    case 'stack-silent':
    case 'source-silent':
    case 'source-unheard':
      return trouble.accountId;
    case 'spoke-failed':
    case 'spoke-missing':
    case 'spoke-unheard':
      return trouble.by;
    default:
      return trouble.account;
  }
}

/** CloudWatch's limit for the value of a dimension, in characters. It takes printable ASCII only (FACTS). */
const LONGEST = 250;

/** Returns the trouble as a person reads it in an alarm: what is wrong, and with which cluster, source or account. */
export function troubleText(trouble: Trouble): string {
  return textOf(trouble)
    .replaceAll(/[^\x20-\x7e]/g, '?')
    .slice(0, LONGEST);
}

function textOf(trouble: Trouble): string {
  switch (trouble.what) {
    case 'cluster-silent':
      return `cluster-silent ${clusterInFull(trouble.cluster)}`;
    case 'cluster-late':
      return `cluster-late ${clusterInFull(trouble.cluster)}`;
    case 'cluster-unheard':
      return `cluster-unheard ${clusterInFull(trouble.cluster)}: ${trouble.standing}`;
    case 'stack-silent':
      return `stack-silent ${trouble.accountId} in ${trouble.region}`;
    case 'source-silent':
      return `source-silent CloudTrail of ${trouble.accountId} in ${trouble.region}`;
    case 'source-unheard':
      return `source-unheard CloudTrail of ${trouble.accountId} in ${trouble.region}`;
    case 'never-heard':
      if (trouble.kind === 'account') return `never-heard account ${trouble.name}`;
      return `never-heard ${trouble.name === undefined ? `any ${trouble.kind}` : clusterInFull(trouble.name)}`;
    case 'spoke-failed':
    case 'spoke-missing':
    case 'spoke-unheard':
      return `${trouble.what} ${trouble.accountId} in ${trouble.region}, reported by ${trouble.by}`;
    case 'roll-out-silent':
    case 'accounts-unlisted':
      return `${trouble.what} ${trouble.account}`;
    case 'refused':
      return `refused deliveries of ${trouble.account}`;
    case 'over-ceiling':
      return `over-ceiling ${trouble.account}`;
    case 'many-new-clusters':
      return `many-new-clusters ${trouble.account}`;
    case 'undecided':
      return `undecided session of ${trouble.account ?? 'an unknown account'}`;
    case 'more':
      return `more than shown${trouble.account === undefined ? '' : ` of ${trouble.account}`}`;
  }
}
