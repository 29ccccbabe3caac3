/**
 * An event of the class API Activity of the Open Cybersecurity Schema Framework, with the fields that eks-whois sets.
 * Version 1.3.0, with the profile `cloud`, is the newest that Security Lake accepts from custom sources. Source:
 * Security Lake User Guide, "Collecting data from custom sources" ("Security Lake supports OCSF version 1.3 and
 * earlier").
 * `actor.invoked_by` is not set, because it is deprecated since 1.2.0. Source of every name, type and number:
 * ocsf/ocsf-schema at 1.3.0, events/application/api_activity.json, objects/ and dictionary.json. Tests compare events
 * with the extract `test/ocsf/schema-1.3.0.json`.
 */
export interface ApiActivity {
  readonly activity_id: number;
  readonly activity_name: string;
  readonly actor: OcsfActor;
  readonly api: Api;
  readonly category_name: typeof CLASS.category_name;
  readonly category_uid: typeof CLASS.category_uid;
  readonly class_name: typeof CLASS.class_name;
  readonly class_uid: typeof CLASS.class_uid;
  readonly cloud: Cloud;
  readonly dst_endpoint: Endpoint;
  readonly enrichments: readonly Enrichment[];
  readonly http_request?: HttpRequest;
  readonly message: string;
  readonly metadata: Metadata;
  readonly observables?: readonly Observable[];
  readonly resources?: readonly Resource[];
  readonly severity: string;
  readonly severity_id: number;
  readonly src_endpoint: Endpoint;
  readonly status: string;
  readonly status_code?: string;
  readonly status_detail?: string;
  readonly status_id: number;
  /** Whole epoch milliseconds. 0 if the event has no readable time. */
  readonly time: number;
  readonly type_name: string;
  readonly type_uid: number;
  /** Fields that the schema lacks, under the record's own names. Every value is a text. */
  readonly unmapped: Readonly<Record<string, string>>;
}

/** The supported versions of the schema. `test/ocsf` has an extract of each. */
export const OCSF_VERSIONS = ['1.3.0'] as const;
export type OcsfVersion = (typeof OCSF_VERSIONS)[number];

export const CLASS = {
  category_name: 'Application Activity',
  category_uid: 6,
  class_name: 'API Activity',
  class_uid: 6003,
} as const;

export interface OcsfActor {
  readonly app_name?: string;
  readonly app_uid?: string;
  readonly authorizations?: readonly { readonly decision: string }[];
  readonly idp?: { readonly uid: string };
  readonly session?: Session;
  readonly user: User;
}

export interface User {
  readonly account?: Account;
  readonly credential_uid?: string;
  readonly groups?: readonly { readonly name: string }[];
  readonly name?: string;
  readonly type: string;
  readonly type_id: number;
  readonly uid?: string;
  readonly uid_alt?: string;
}

export interface Account {
  readonly type: 'AWS Account';
  readonly type_id: 10;
  readonly uid: string;
}

export interface Session {
  readonly created_time?: number;
  readonly credential_uid?: string;
  readonly expiration_time?: number;
  readonly issuer?: string;
  readonly uid?: string;
  readonly uid_alt?: string;
}

export interface Api {
  readonly group?: { readonly name: string };
  readonly operation: string;
  readonly request: { readonly uid: string };
  readonly response?: { readonly code: number };
  readonly service: { readonly name: string };
  readonly version?: string;
}

export interface HttpRequest {
  readonly url?: Url;
  readonly user_agent?: string;
  readonly x_forwarded_for?: readonly string[];
}

export interface Url {
  readonly path: string;
  readonly query_string?: string;
  readonly url_string: string;
}

/** The cluster's account and Region. */
export interface Cloud {
  readonly provider: 'AWS';
  readonly account?: Account;
  readonly region?: string;
}

export interface Endpoint {
  readonly ip?: string;
  readonly name?: string;
  readonly uid?: string;
  readonly svc_name?: string;
}

export interface Resource {
  readonly name?: string;
  readonly namespace?: string;
  readonly type: string;
  readonly uid?: string;
  readonly version?: string;
}

export interface Enrichment {
  readonly data: string;
  readonly name: string;
  readonly provider: string;
  readonly type: string;
  readonly value: string;
}

export interface Observable {
  readonly name: string;
  readonly type: string;
  readonly type_id: number;
  readonly value: string;
}

export interface Metadata {
  readonly correlation_uid: string;
  readonly event_code?: string;
  readonly labels?: readonly string[];
  readonly log_name: string;
  readonly log_provider: string;
  readonly original_time?: string;
  readonly product: {
    readonly name: string;
    readonly vendor_name: string;
    readonly version: string;
  };
  readonly profiles: readonly ['cloud'];
  readonly uid: string;
  readonly version: OcsfVersion;
}
