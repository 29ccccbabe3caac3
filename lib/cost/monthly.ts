import { DAYS_OF_MONTH, dollarsAtRest, dollarsOfMillionRecords } from './estimate.ts';

/** US dollars a month where nothing is stored. The console's build writes these out: the page needs no prices for them. */
export const DOLLARS_AT_REST = dollarsAtRest();

/** … and for each record a day more, its storage for 90 days among it. */
export const DOLLARS_OF_RECORD_A_DAY = (dollarsOfMillionRecords() * DAYS_OF_MONTH) / 1e6;
