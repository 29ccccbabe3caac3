import { oneNameAtSize } from '../pipeline/one-name-at-size.ts';

oneNameAtSize([100, 1_000, 10_000]);
