import type { JsonObject } from '../../lib/json.ts';
import type { Draw } from '../oracle/draw.ts';
import { type Role, roleArn, sessionArn, type Truth } from './company.ts';

/** Whether a record is there when the event comes, comes before its claim is settled for the last time, or never. */
export type KnownFacts = 'at first' | 'later' | 'never';

export interface Fact {
  readonly value: unknown;
  readonly known: KnownFacts;
}

/** A request to the cluster, or a forged line about one. */
export interface Deed {
  readonly auditId: string;
  readonly event: JsonObject;
  /** The value as it is delivered. By default it comes from the cluster's own audit stream. */
  readonly delivered?: unknown;
  /** The person who did it. Undefined if it is forged: nobody did it, and it may have no record. */
  readonly truth: Truth | undefined;
  /** The action of the adversary or the honest person. */
  readonly move: string;
  /** Whether everything that proves the truth becomes known. Then an answer without a name is a flaw too. */
  readonly provable: boolean;
  /** Whether the answer depends on other audit events. Then it is checked only when everything is known. */
  readonly restsOnEvents?: boolean;
}

/** A session that somebody really obtained. */
export interface Session {
  readonly truth: Truth;
  readonly role: Role;
  readonly name: string;
  readonly key: string;
  /** In seconds of the day. */
  readonly began: number;
  readonly until: number;
  readonly mfa: boolean;
  readonly sourceIdentity?: string | undefined;
  /** Whether the whole role chain becomes known. */
  readonly provable: boolean;
}

/** A caller of STS. */
export interface Principal {
  readonly truth: Truth;
  readonly identity: JsonObject;
  readonly sourceIdentity?: string | undefined;
  readonly provable: boolean;
}

export interface AssumeOptions {
  readonly role: Role;
  readonly name: string;
  readonly at: number;
  /** In seconds. */
  readonly lasts?: number;
  readonly known?: KnownFacts;
  readonly eventName?: string;
  readonly request?: JsonObject;
  /** The source identity that the caller sets. A chain keeps the one that it has. */
  readonly sourceIdentity?: string | undefined;
  /** Whether the record shows which role session it issued. */
  readonly namesSession?: boolean;
  readonly key?: string;
}

/** A world that is being made. Its actions leave records and events as AWS and the cluster would write them. */
export class Stage {
  readonly draw: Draw;
  readonly facts: Fact[] = [];
  readonly deeds: Deed[] = [];
  readonly moves = new Set<string>();
  /** The names that mallory took by renaming. Records state them beside her ID, whenever a deed was done. */
  readonly taken: string[] = [];
  #made = 0;

  constructor(draw: Draw) {
    this.draw = draw;
  }

  next(prefix: string): string {
    this.#made += 1;
    return `${prefix}${this.#made}`;
  }

  newKey(): string {
    return `ASIA${this.next('KEY').padEnd(16, 'X')}`;
  }

  honestly(): KnownFacts {
    return this.draw.pick(['at first', 'at first', 'at first', 'later', 'later', 'never']);
  }

  /** Returns when the adversary's own grant becomes known: she waits for moments in which it is missing. */
  badly(): KnownFacts {
    return this.draw.pick(['at first', 'later', 'later', 'never', 'never']);
  }

  record(fields: JsonObject, known: KnownFacts): JsonObject {
    const record = { awsRegion: 'eu-west-1', eventType: 'AwsApiCall', eventID: this.next('event-'), ...fields };
    this.facts.push({ value: record, known });
    return record;
  }

  /** Writes a grant, and returns the role session that STS issues. */
  assume(by: Principal, { role, name, at, ...options }: AssumeOptions): Session {
    const { lasts = 3600, known = 'at first', key = this.newKey(), namesSession = true, request = {} } = options;
    const sourceIdentity = by.sourceIdentity ?? options.sourceIdentity;
    const carried = sourceIdentity === undefined ? {} : { sourceIdentity };
    const assumedRoleUser = { assumedRoleId: `${role.id}:${name}`, arn: sessionArn(role, name) };
    const fields = {
      eventSource: 'sts.amazonaws.com',
      eventName: options.eventName ?? 'AssumeRole',
      eventTime: timeOf(at),
      userIdentity: by.identity,
      requestParameters: { roleArn: roleArn(role), roleSessionName: name, ...carried, ...request },
      responseElements: {
        credentials: { accessKeyId: key, expiration: timeOf(at + lasts) },
        ...(namesSession && { assumedRoleUser }),
        ...carried,
      },
    };
    this.record(fields, known);
    const provable = by.provable && known !== 'never';
    const mfa = 'serialNumber' in request;
    return { truth: by.truth, role, name, key, began: at, until: at + lasts, mfa, sourceIdentity, provable };
  }

  /** Writes the use of a key that the cluster's check of a token leaves. */
  use(session: Session, known: KnownFacts, parts: JsonObject = {}, key = session.key): void {
    this.record(
      {
        eventSource: 'sts.amazonaws.com',
        eventName: 'GetCallerIdentity',
        eventTime: timeOf(session.began + 60),
        userIdentity: { ...sessionIdentity(session, key), ...parts },
        requestParameters: null,
        responseElements: null,
      },
      known,
    );
  }
}

/** Returns the `userIdentity` of whoever signs with a session. AWS itself writes when the session began. */
function sessionIdentity(session: Session, key: string | undefined): JsonObject {
  const { role, name, began, mfa, sourceIdentity } = session;
  const sessionIssuer = {
    type: 'Role',
    principalId: role.id,
    arn: roleArn(role),
    accountId: role.account,
    userName: role.name,
  };
  return {
    type: 'AssumedRole',
    principalId: `${role.id}:${name}`,
    arn: sessionArn(role, name),
    accountId: role.account,
    ...(key !== undefined && { accessKeyId: key }),
    sessionContext: {
      sessionIssuer,
      attributes: { creationDate: timeOf(began), mfaAuthenticated: String(mfa) },
      ...(sourceIdentity !== undefined && { sourceIdentity }),
    },
  };
}

/** Returns a session's holder as the caller of STS. */
export function holderOf(session: Session, key: string | undefined = session.key): Principal {
  const { truth, sourceIdentity, provable } = session;
  return { truth, identity: sessionIdentity(session, key), sourceIdentity, provable: provable && key === session.key };
}

const DAY = Date.UTC(2026, 2, 10);

/** Returns a time on the stories' day as CloudTrail and Kubernetes write it. */
export function timeOf(second: number): string {
  return new Date(DAY + second * 1000).toISOString().replace('.000Z', 'Z');
}

export const NOON = 12 * 3600;
