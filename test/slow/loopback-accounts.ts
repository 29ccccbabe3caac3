import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
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
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request);
    await sleep(TAKES);
    const role = new URLSearchParams(body).get('RoleArn');
    if (role !== null) {
      assumed.set(role, (assumed.get(role) ?? 0) + 1);
      return answerXml(response, role);
    }
    const [, key = '', region = ''] =
      /Credential=([^/]+)\/\d+\/([^/]+)/.exec(request.headers.authorization ?? '') ?? [];
    const scope = `${key} ${region}`;
    lookedUp.set(scope, (lookedUp.get(scope) ?? 0) + 1);
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    response.end('{"Events":[]}');
  });
  return {
    ...(await listenForMany(server)),
    assumed,
    lookedUp,
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const piece of request) text += String(piece);
  return text;
}

/** The key names the account: `ASIA` and its number. */
function answerXml(response: ServerResponse, role: string): void {
  const key = `<AccessKeyId>ASIA${role.split(':')[4]}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>`;
  const more = '<SessionToken>t</SessionToken><Expiration>2100-01-01T00:00:00Z</Expiration>';
  response.setHeader('content-type', 'text/xml');
  response.end(
    `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>${key}${more}</Credentials></AssumeRoleResult></AssumeRoleResponse>`,
  );
}
