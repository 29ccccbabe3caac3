import { DAYS_OF_MONTH, dollarsAtRest, dollarsOfMillionRecords } from './estimate.ts';

/**
 * US dollars a month if nothing is stored. The console's build inserts the number, so that the page needs no prices.
 */
export const DOLLARS_AT_REST = dollarsAtRest();

/** US dollars a month for each further record a day, including its storage for 90 days. */
export const DOLLARS_OF_RECORD_A_DAY = (dollarsOfMillionRecords() * DAYS_OF_MONTH) / 1e6;
