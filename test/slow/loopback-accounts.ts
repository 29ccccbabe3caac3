import { setTimeout as sleep } from 'node:timers/promises';
import { credentialsOf, stsAnswer } from '../stand-ins/aws/query-services.ts';
import { awsServer, json } from '../stand-ins/aws/server.ts';
import { type ListeningForMany, listenForMany } from './listening-for-many.ts';

/** STS and CloudTrail of many accounts on one port, with what they saw. */
export interface LoopbackAccounts extends ListeningForMany {
  /** By role: how often its credentials were asked for. */
  readonly assumed: ReadonlyMap<string, number>;
  /** By account and Region, as the key in the signature tells: how many look-ups came. */
  readonly lookedUp: ReadonlyMap<string, number>;
}

/** Milliseconds that each answer takes, so that requests are under way at the same time. */
const TAKES = 100;

export async function startLoopbackAccounts(): Promise<LoopbackAccounts> {
  const assumed = new Map<string, number>();
  const lookedUp = new Map<string, number>();
  const server = awsServer(async ({ form, accessKeyId, region }) => {
    await sleep(TAKES);
    const role = form.get('RoleArn');
    if (role === null) {
      const scope = `${accessKeyId} ${region}`;
      lookedUp.set(scope, (lookedUp.get(scope) ?? 0) + 1);
      return json({ Events: [] });
    }
    assumed.set(role, (assumed.get(role) ?? 0) + 1);
    return stsAnswer('AssumeRole', credentialsOf(`ASIA${role.split(':')[4]}`)); // the key names the account
  });
  return {
    ...(await listenForMany(server)),
    assumed,
    lookedUp,
  };
}
