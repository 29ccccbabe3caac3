import { type EpochMillis, epochMillis } from '../../lib/time.ts';
import { utc } from '../builders/company.ts';
import { instant } from '../usecases/service.ts';

/** When the suites' stores are asked. */
export const NOW = instant(utc('12:30:00'));

export const later = (millis: number): EpochMillis => epochMillis(NOW + millis);
