import type { AuditRecord, RecordedCaller, RecordedImpersonation } from '../attribution/record.ts';
import type { RequestAction } from '../audit/action.ts';
import type { KeptAttribution } from '../claims/kept-record.ts';

export const ECS_VERSION = '8.17.0';

/**
 * A document of the Elastic Common Schema, with the fields that eks-whois sets (docs/ecs.md). `eks_whois` is a custom
 * field set, which ECS allows. Source of every field and value: ECS Reference 8.17, elastic.co/guide/en/ecs/8.17. Its
 * pages are the "Event", "User", "Orchestrator", "Related", "Source", "URL", "HTTP" and "User agent" fields, and "ECS
 * Categorization Field: event.category".
 */
export interface EcsEvent {
  /**
   * The time in RFC 3339. Without a readable time, it is the beginning of 1970, because a data stream rejects events
   * without a time.
   */
  readonly '@timestamp': string;
  readonly ecs: { readonly version: typeof ECS_VERSION };
  readonly message: string;
  readonly tags?: readonly string[];
  readonly event: EcsEventFields;
  readonly user?: EcsUser;
  readonly related: { readonly user?: readonly string[]; readonly ip?: readonly string[] };
  readonly orchestrator: Orchestrator;
  readonly cloud: Cloud;
  readonly service: { readonly name: 'kube-apiserver'; readonly type: 'kubernetes' };
  readonly source?: { readonly address: string; readonly ip?: string };
  readonly user_agent?: { readonly original: string };
  /** The command of an exec, as the client states it. */
  readonly process?: { readonly command_line: string };
  readonly url?: { readonly original: string; readonly path: string; readonly query?: string };
  readonly http: {
    readonly request: { readonly id: string };
    readonly response?: { readonly status_code: number };
  };
  readonly eks_whois: OwnFields;
}

/** The values of `event.type` that ECS expects for the category `api`. */
export type EventType = 'access' | 'change' | 'creation' | 'deletion' | 'info' | 'allowed' | 'denied';

export interface EcsEventFields {
  readonly kind: 'event';
  readonly category: readonly ['api'];
  readonly type: readonly EventType[];
  readonly action: string;
  readonly outcome: 'success' | 'failure' | 'unknown';
  readonly severity: number;
  readonly reason?: string;
  readonly code?: string;
  readonly id: string;
  readonly module: 'eks_whois';
  readonly dataset: 'eks_whois.records';
  readonly provider: 'kube-apiserver';
}

/** A user in ECS. `effective` is the user whose rights the request had, as the API server saw it. */
export interface EcsUser {
  readonly name?: string;
  readonly id?: string;
  readonly domain?: string;
  readonly effective?: { readonly name?: string; readonly id?: string; readonly roles?: readonly string[] };
}

/** The cluster's account and Region, as far as they are known. */
export interface Cloud {
  readonly provider: 'aws';
  readonly service: { readonly name: 'eks' };
  readonly account?: { readonly id: string };
  readonly region?: string;
}

export interface Orchestrator {
  readonly type: 'kubernetes';
  readonly cluster?: { readonly name: string; readonly id?: string };
  readonly namespace?: string;
  readonly api_version?: string;
  readonly resource?: { readonly type: string; readonly name?: string };
}

/** Fields that ECS does not have, under the record's own names. */
export interface OwnFields {
  readonly stage?: string;
  readonly attribution: KeptAttribution;
  readonly caller: RecordedCaller;
  readonly impersonated?: RecordedImpersonation;
  readonly action?: RequestAction;
  readonly authorization?: NonNullable<AuditRecord['authorization']>;
  readonly source_ips?: readonly string[];
  readonly origin?: NonNullable<AuditRecord['origin']>;
}
