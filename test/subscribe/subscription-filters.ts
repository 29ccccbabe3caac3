import { createServer } from 'node:http';
import { isJsonObject, type JsonObject, parseJson, textAt } from '../../lib/json.ts';
import type { LogFilter } from '../../lib/ports/cluster-logs.ts';
import { listen } from '../../local/loopback/guard.ts';

/** A stand-in for CloudWatch Logs' subscription filters, in AWS JSON 1.1, two a log group (CloudWatch Logs API Reference). */
export interface FilterServer {
  readonly url: string;
  /** By log group; what is put changes it. */
  readonly groups: Map<string, LogFilter[]>;
  /** `<operation> <log group>` of what was changed so far. */
  readonly changes: string[];
  /** Operations that are denied from now on. */
  readonly denied: Set<string>;
  close(): Promise<void>;
}

export async function startFilters(): Promise<FilterServer> {
  const groups = new Map<string, LogFilter[]>();
  const changes: string[] = [];
  const denied = new Set<string>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const parsed = parseJson(Buffer.concat(chunks).toString('utf8'));
    const input = parsed.ok && isJsonObject(parsed.value) ? parsed.value : {};
    const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
    const { status, body } = denied.has(operation) ? refused('AccessDeniedException') : answer(operation, input);
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
  });
  return { ...(await listen(server)), groups, changes, denied };

  function answer(operation: string, input: JsonObject) {
    const name = textAt(input, 'logGroupName') ?? '';
    const filters = groups.get(name);
    if (filters === undefined) return refused('ResourceNotFoundException');
    if (operation === 'DescribeSubscriptionFilters') return { status: 200, body: shown(filters) };
    changes.push(`${operation} ${name}`);
    const others = filters.filter((each) => each.name !== textAt(input, 'filterName'));
    const kept = operation === 'PutSubscriptionFilter' ? [...others, filterIn(input)] : others;
    if (kept.length > 2) return refused('LimitExceededException');
    groups.set(name, kept);
    return { status: 200, body: {} };
  }
}

function filterIn(input: JsonObject): LogFilter {
  const [name = '', pattern = '', destination = ''] = ['filterName', 'filterPattern', 'destinationArn'].map((key) =>
    textAt(input, key),
  );
  return { name, pattern, destination };
}

function refused(type: string) {
  return { status: 400, body: { __type: type, message: 'refused' } };
}

function shown(filters: readonly LogFilter[]) {
  const subscriptionFilters = filters.map(({ name, pattern, destination }) => ({
    filterName: name,
    filterPattern: pattern,
    destinationArn: destination,
  }));
  return { subscriptionFilters };
}
