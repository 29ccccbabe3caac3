import { readEnvironment } from '../options/environment.ts';
import { readConfiguration } from './configuration.ts';

/** The cluster that is meant where a question about clusters names none, and what says so. */
export interface DefaultCluster {
  readonly cluster: string;
  readonly from: string;
}

/** `EKS_WHOIS_CLUSTER`, else the configuration's. @throws CommandError where the file cannot be read. */
export async function defaultCluster(): Promise<DefaultCluster | undefined> {
  const variable = readEnvironment().EKS_WHOIS_CLUSTER;
  if (variable) return { cluster: variable, from: 'EKS_WHOIS_CLUSTER' };
  const { cluster, path } = await readConfiguration();
  return cluster === undefined ? undefined : { cluster, from: path };
}
