import { AwsError } from '../../lib/adapters/aws/aws-error.ts';
import type { AwsSettings } from '../../lib/adapters/aws/aws-settings.ts';
import type { Finding, UncheckedItem } from '../../lib/doctor/finding.ts';
import type { Mapping } from '../../lib/doctor/mapping.ts';
import { Impersonations } from '../../lib/doctor/trusted-proxies.ts';
import type { EpochMillis } from '../../lib/time.ts';
import type { DoctorProgress } from './progress.ts';

/** The log group of a cluster's audit log, with the names of the service's subscription filters on it. */
export interface KnownLogGroup {
  readonly cluster: string;
  readonly region: string;
  readonly filters: readonly string[];
}

/** Collects findings. Notes a call that fails, and continues with the others. */
export class FindingCollector {
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
   * Returns the result of the work. If AWS refused, returns undefined, and notes the refusal with the permission that
   * the work needs and with `instead`. Long work reports its progress with `report`.
   */
  async try<T>(
    check: string,
    permission: string,
    work: (report: (how: string) => void) => Promise<T>,
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

  /** Notes a failed check. Names the permission only if AWS denied the call. */
  failed(check: string, permission: string, { message, kind }: AwsError, instead = ''): void {
    const reason = [message, instead].filter(Boolean).join(' ');
    this.unchecked.push({ check, reason, failed: true, ...(kind === 'denied' && { permission }) });
  }

  /** Notes a failed call that could not have led to a finding. It does not count as a failed check. */
  aside(check: string, permission: string, { message, kind }: AwsError): void {
    this.unchecked.push({ check, reason: message, failed: false, ...(kind === 'denied' && { permission }) });
  }
}

/** The question about an account. */
export interface AccountQuestion {
  readonly settings: AwsSettings;
  /** The Regions to check. Undefined for all enabled ones. */
  readonly regions: readonly string[] | undefined;
  /** The names of the clusters to check. Undefined for all. */
  readonly clusters: readonly string[] | undefined;
  /** Mappings from files. */
  readonly mappings: readonly Mapping[];
  readonly connectedAccounts: readonly string[];
  readonly days: number;
  /** Whether Logs Insights counts the events that would pass the filter, if no subscription shows their number. */
  readonly countEvents: boolean;
  readonly now: EpochMillis;
  /** `<service>-<stage>` of the service that the clusters report to, if it was given. */
  readonly prefix: string | undefined;
}
