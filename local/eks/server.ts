import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listen } from '../loopback/guard.ts';
import { answerEks } from './eks-service.ts';
import { faultAnswer, unknownKey } from './faults.ts';
import { answerEc2, answerSts } from './query-services.ts';
import type { Answer, Fault, Request, World } from './world.ts';

export type { Fault, StandInCluster, World } from './world.ts';

/** EKS, EC2 and STS on this machine. */
export interface EksServer {
  /** `http://127.0.0.1:<port>`: the endpoint for all three services and all Regions. */
  readonly url: string;
  /** The requests so far, in their order. */
  readonly requests: readonly Request[];
  addFault(fault: Fault): void;
  close(): Promise<void>;
}

const USUAL: World = {
  accountId: '111122223333',
  callers: { AKIAALICE00000000001: 'arn:aws:iam::111122223333:user/alice' },
  clusters: [],
  regions: ['eu-central-1', 'eu-west-1', 'us-east-1'],
};

/**
 * Starts a stand-in for what is asked of EKS (REST-JSON), EC2 and STS (query, XML). Region and caller are read from the
 * request's SigV4 credential scope; signatures are not verified.
 */
export async function startEks(world: Partial<World> = {}): Promise<EksServer> {
  const known = { ...USUAL, ...world };
  const requests: Request[] = [];
  const faults: Fault[] = [];
  const server = createServer((request, response) => void respond(known, faults, requests, request, response));
  return {
    ...(await listen(server)),
    requests,
    addFault: (fault) => void faults.push(fault),
  };
}

async function respond(
  world: World,
  faults: readonly Fault[],
  requests: Request[],
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const request = await readRequest(incoming);
  requests.push(request);
  const answer = faultAnswer(world, faults, request) ?? unknownKey(world, request) ?? served(world, request);
  if (answer.kind === 'reset') incoming.socket.resetAndDestroy();
  else send(request, answer, response);
}

function served(world: World, request: Request): Answer {
  if (request.service === 'eks') return answerEks(world, request);
  return request.service === 'ec2' ? answerEc2(world, request) : answerSts(world, request);
}

async function readRequest(incoming: IncomingMessage): Promise<Request> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
  const url = new URL(incoming.url ?? '/', 'http://stand-in');
  const scope = /Credential=([^/]+)\/\d+\/([^/]+)\/([^/]+)\//.exec(incoming.headers.authorization ?? '');
  const [, accessKeyId = '', region = '', service = ''] = scope ?? [];
  if (service === 'eks') {
    const [, , name = '', part, principal = ''] = url.pathname.split('/').map(decodeURIComponent);
    const operation = part === 'access-entries' ? entryOperation(principal) : clusterOperation(name);
    return { service, operation, region, accessKeyId, parameters: url.searchParams, name, principal };
  }
  const parameters = new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
  const operation = parameters.get('Action') ?? '';
  return { service: service === 'ec2' ? 'ec2' : 'sts', operation, region, accessKeyId, parameters, name: '' };
}

function clusterOperation(name: string): string {
  return name === '' ? 'ListClusters' : 'DescribeCluster';
}

function entryOperation(principal: string): string {
  return principal === '' ? 'ListAccessEntries' : 'DescribeAccessEntry';
}

function send(request: Request, answer: Exclude<Answer, { kind: 'reset' }>, response: ServerResponse): void {
  const json = request.service === 'eks';
  const type = { 'content-type': json ? 'application/json' : 'text/xml' };
  switch (answer.kind) {
    case 'answer':
      response.writeHead(200, type).end(answer.body);
      return;
    case 'garbage':
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html><body>Please sign in to the Wi-Fi</body>');
      return;
    case 'error':
      response
        .writeHead(answer.status, { ...type, ...(json && { 'x-amzn-errortype': answer.name }) })
        .end(errorBody(request, answer));
  }
}

function errorBody({ service }: Request, { name, message }: Extract<Answer, { kind: 'error' }>): string {
  if (service === 'eks') return JSON.stringify({ message });
  const error = `<Code>${name}</Code><Message>${message}</Message>`;
  if (service === 'ec2')
    return `<Response><Errors><Error>${error}</Error></Errors><RequestID>stand-in</RequestID></Response>`;
  return `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>${error}</Error></ErrorResponse>`;
}
