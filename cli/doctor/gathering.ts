import { AwsError } from '../../lib/adapters/aws/aws-error.ts';
import type { AwsSettings } from '../../lib/adapters/aws/aws-settings.ts';
import type { Finding, UncheckedItem } from '../../lib/doctor/finding.ts';
import type { Mapping } from '../../lib/doctor/mapping.ts';
import { Impersonations } from '../../lib/doctor/trusted-proxies.ts';
import type { EpochMillis } from '../../lib/time.ts';
import type { DoctorProgress } from './progress.ts';

/** A cluster's log group that the audit log goes to, with the names of the service's subscription filters of it. */
export interface KnownLogGroup {
  readonly cluster: string;
  readonly region: string;
  readonly filters: readonly string[];
}

/** Gathers what is found; a call that fails is told, and keeps nothing from the others. */
export class Gathering {
  readonly findings: Finding[] = [];
  readonly unchecked: UncheckedItem[] = [];
  /** `<service>-<stage>` of the services that the clusters report to. */
  readonly prefixes = new Set<string>();
  readonly logGroups: KnownLogGroup[] = [];
  readonly impersonations = new Impersonations();

  readonly #progress: DoctorProgress;

  constructor(progress: DoctorProgress) {
    this.#progress = progress;
  }

  look(what: string): void {
    this.#progress.look(what);
  }

  /**
   * What the work answers; undefined where AWS refused, which is noted with the permission that the work needs, and with
   * what is done instead. Long work tells how far it is.
   */
  async try<T>(
    check: string,
    permission: string,
    work: (tell: (how: string) => void) => Promise<T>,
    instead = '',
  ): Promise<T | undefined> {
    this.look(check);
    try {
      return await work((how) => this.look(`${check}: ${how}`));
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      this.failed(check, permission, error, instead);
      return undefined;
    }
  }

  /** Only where AWS denied the call is it the permission that is lacking. */
  failed(check: string, permission: string, { message, kind }: AwsError, instead = ''): void {
    const reason = [message, instead].filter(Boolean).join(' ');
    this.unchecked.push({ check, reason, failed: true, ...(kind === 'denied' && { permission }) });
  }

  /** Of what could have found nothing: it is said, and no check has failed by it. */
  aside(check: string, permission: string, { message, kind }: AwsError): void {
    this.unchecked.push({ check, reason: message, failed: false, ...(kind === 'denied' && { permission }) });
  }
}

/** What is asked of an account. */
export interface AccountQuestion {
  readonly settings: AwsSettings;
  /** Undefined: all that are enabled. */
  readonly regions: readonly string[] | undefined;
  /** Undefined: all. */
  readonly clusters: readonly string[] | undefined;
  /** Mappings that are known already, from files. */
  readonly mappings: readonly Mapping[];
  readonly connectedAccounts: readonly string[];
  readonly days: number;
  /** Whether Logs Insights is to count what would pass the filter, where no subscription tells it. */
  readonly countEvents: boolean;
  readonly now: EpochMillis;
  /** `<service>-<stage>` of the service that the clusters report to, where it was said. */
  readonly prefix: string | undefined;
}
