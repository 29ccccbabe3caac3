import { oneNameAtSize } from './one-name-at-size.ts';

oneNameAtSize([100, 1_000]);
