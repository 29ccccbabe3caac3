/** Kinds of things that have a page of their own. */
export type EntityKind = 'actor' | 'session' | 'role' | 'cluster' | 'namespace';
