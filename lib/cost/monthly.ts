import { DAYS_OF_MONTH, dollarsAtRest, dollarsOfMillionRecords } from './estimate.ts';

/**
 * The US dollars a month if nothing is stored. The console's build inserts this number, so that the page needs no
 * prices.
 */
export const DOLLARS_AT_REST = dollarsAtRest();

/** The US dollars a month for one more record a day, including its storage for 90 days. */
export const DOLLARS_OF_RECORD_A_DAY = (dollarsOfMillionRecords() * DAYS_OF_MONTH) / 1e6;
