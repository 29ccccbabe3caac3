import type { ParameterName } from '../parameters.ts';
import type { FileValue } from './values.ts';

/** What the file says at its top, or for one stage. */
export interface Section {
  readonly region?: string;
  readonly parameters: ReadonlyMap<ParameterName, FileValue>;
  /** In which line of the file each key stands. */
  readonly lines: ReadonlyMap<string, number>;
}

/** `eks-whois.yaml`: what a stage is deployed with where the command line does not say otherwise. */
export interface ParameterFile {
  readonly path: string;
  readonly stage?: string;
  /** What counts for every stage. */
  readonly common: Section;
  /** What counts before that, by stage. */
  readonly stages: ReadonlyMap<string, Section>;
}

/** A mistake in the file, and its line, from 1 on. */
export interface Problem {
  readonly line: number;
  readonly says: string;
}
