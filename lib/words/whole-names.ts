import type { Flag } from '../attribution/flags.ts';

/** Flags that result from comparing a name with the names of known users. */
const COMPARED_FLAGS: readonly Flag[] = ['session-name-claims-other-actor', 'source-identity-claims-other-actor'];

/**
 * Returns a warning for an empty answer to a search by these flags: it says what they cannot find. Undefined if none of
 * them compares names.
 */
export function wholeNamesText(flags: Iterable<string>): string | undefined {
  const isCompared = [...flags].some((flag) => COMPARED_FLAGS.some((each) => each === flag));
  return isCompared
    ? 'An empty list does not mean that every name is right. Only whole names are compared: a session ana.silva is not compared with a user ana.silva@example.com.'
    : undefined;
}
