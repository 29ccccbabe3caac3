import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { LocalFunctions } from './functions.ts';
import { LocalFault } from './local-fault.ts';

/** The API on a port of this machine, handing requests to the handler as an HTTP API of API Gateway does. */
export interface HttpFront {
  stop(): Promise<void>;
}

/** @throws LocalFault where the port is taken, or may not be used. */
export async function openFront(port: number, api: LocalFunctions['api']): Promise<HttpFront> {
  const server = createServer((request, response) => {
    answer(request, response, api).catch(() => {
      response.statusCode = 500;
      response.setHeader('content-type', 'application/problem+json');
      response.end(JSON.stringify({ title: 'Internal Server Error', status: 500 }));
    });
  });
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new LocalFault(`Port ${port} of 127.0.0.1 is taken or may not be used: give another one with --port.`, {
      cause: error,
    });
  }
  return {
    async stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, api: LocalFunctions['api']): Promise<void> {
  if (request.method !== 'GET') {
    response.statusCode = 404; // as API Gateway answers where it has no route
    response.setHeader('content-type', 'application/json').end('{"message":"Not Found"}');
    return;
  }
  const result = await api(gatewayEvent(request));
  response.statusCode = result.statusCode ?? 200;
  for (const [name, value] of Object.entries(result.headers ?? {})) response.setHeader(name, String(value));
  response.end(result.body ?? '');
}

/** Payload format 2.0 (API Gateway Developer Guide, "Working with AWS Lambda proxy integrations for HTTP APIs"). */
function gatewayEvent(request: IncomingMessage): APIGatewayProxyEventV2 {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const method = request.method ?? 'GET';
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
  const requestId = randomUUID();
  const now = Date.now();
  return {
    version: '2.0',
    routeKey: `${method} ${url.pathname}`,
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    headers,
    isBase64Encoded: false,
    requestContext: {
      accountId: '111122223333',
      apiId: 'local',
      domainName: '127.0.0.1',
      domainPrefix: 'local',
      http: {
        method,
        path: url.pathname,
        protocol: 'HTTP/1.1',
        sourceIp: '127.0.0.1',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId,
      routeKey: `${method} ${url.pathname}`,
      stage: '$default',
      time: new Date(now).toUTCString(),
      timeEpoch: now,
    },
  };
}
