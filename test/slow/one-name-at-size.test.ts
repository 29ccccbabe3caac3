import { oneNameAtSize } from '../usecases/one-name-at-size.ts';

oneNameAtSize([100, 1_000, 10_000]);
