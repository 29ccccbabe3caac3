import { describe, expect, it } from 'vitest';
import { isControllerOf, resourceOf, workloadsByPodName } from '../../lib/usecases/related/origin.ts';

describe('the workloads that a pod can come from, by its name', () => {
  const kinds = (pod: string) => workloadsByPodName(pod).map(({ kind, name }) => `${kind} ${name}`);

  it("are a Deployment, or another kind that names its pods so, by Kubernetes' own characters", () => {
    expect(kinds('web-7d4b9c6f5-x2x9z')).toEqual([
      'Pod web-7d4b9c6f5-x2x9z',
      'Deployment web',
      'ReplicaSet web-7d4b9c6f5',
      'DaemonSet web-7d4b9c6f5',
      'Job web-7d4b9c6f5',
    ]);
    expect(kinds('etl-29183746-x2x9z')).toContain('CronJob etl');
    expect(kinds('db-0')).toEqual(['Pod db-0', 'StatefulSet db']);
  });

  it('are only the pod itself if the name has no such end', () => {
    expect(kinds('debug')).toEqual(['Pod debug']);
    expect(kinds('web-eerie')).toEqual(['Pod web-eerie']);
    expect(kinds('db-01')).toEqual(['Pod db-01']);
  });

  it('are found quickly even for a name that was made to be slow', () => {
    expect(kinds(`${'b-'.repeat(5_000)}!`)).toHaveLength(1);
  });
});

it('a controller creates for owners of its own kind, under its own name', () => {
  expect(isControllerOf('ReplicaSet', 'system:serviceaccount:kube-system:replicaset-controller')).toBe(true);
  expect(isControllerOf('CronJob', 'system:kube-controller-manager')).toBe(true);
  expect(isControllerOf('Deployment', 'system:serviceaccount:kube-system:replicaset-controller')).toBe(false);
  expect(isControllerOf('ReplicaSet', 'system:serviceaccount:shop:replicaset-controller')).toBe(false);
  expect(isControllerOf('Rollout', 'system:kube-controller-manager')).toBe(false);
  expect(isControllerOf('toString', undefined)).toBe(false);
});

it('a kind is searched as kubectl writes its resource', () => {
  expect(['Pod', 'Deployment', 'CronJob'].map((kind) => resourceOf(kind as never))).toEqual([
    'pods',
    'deployments.apps',
    'cronjobs.batch',
  ]);
});
