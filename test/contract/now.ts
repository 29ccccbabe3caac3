import { type EpochMillis, epochMillis } from '../../lib/time.ts';
import { utc } from '../builders/company.ts';
import { instant } from '../usecases/service.ts';

/** The time at which the suites query their stores. */
export const NOW = instant(utc('12:30:00'));

export const later = (millis: number): EpochMillis => epochMillis(NOW + millis);
